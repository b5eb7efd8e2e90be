//! The calls that packages have, one entry each. Names and order of the arguments are those of `openai` 3.52.0 and
//! `scale-gp-beta` 0.7.0 for Python; JavaScript's `openai` takes the members as they come.

/// A method of a package's client.
pub(super) struct Method {
    /// What the package puts behind its base address.
    pub path: &'static str,
    /// As it is called on the client.
    pub name: &'static str,
    pub wants: &'static [Want],
    /// Names of its arguments with blanks between, in the order in which the package writes them.
    arguments: &'static str,
    pub answer: Answer,
}

/// A member that a call cannot be made without.
pub(super) struct Want {
    pub name: &'static str,
    /// As people say it.
    pub words: &'static str,
    pub is_list: bool,
}

/// What a call gives back, and with it how its text is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Answer {
    Chat,
    Completion,
    Response,
    /// Without a property that holds all of the text, and with a stream that is one text.
    ScaleResponse,
    /// Any JSON value, and a stream that is one text.
    Inference,
    Vectors,
    Pictures,
    /// Bytes.
    Sound,
    /// An object with a text, or a text by itself.
    Transcript,
}

impl Answer {
    /// Whether the package hands over the events of a stream as they come.
    pub fn reads_streams(self) -> bool {
        match self {
            Self::Chat | Self::Completion | Self::Response | Self::Pictures | Self::Transcript => true,
            Self::ScaleResponse | Self::Inference | Self::Vectors | Self::Sound => false,
        }
    }
}

impl Method {
    pub fn arguments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.arguments.split_ascii_whitespace()
    }

    /// The package sends a form, and not JSON.
    pub fn is_form(&self) -> bool {
        self.answer == Answer::Transcript
    }

    pub fn has_argument(&self, name: &str) -> bool {
        self.arguments().any(|known| known == name)
    }
}

const MESSAGES: Want = Want { name: "messages", words: "messages", is_list: true };
const MODEL: Want = Want { name: "model", words: "a model", is_list: false };
const PROMPT: Want = Want { name: "prompt", words: "a prompt", is_list: false };
const VOICE: Want = Want { name: "voice", words: "a voice", is_list: false };
const INPUT: Want = Want { name: "input", words: "an input", is_list: false };

/// The first whose path ends the address is meant, so a path stands before the ones that it ends with.
pub(super) const OPENAI: &[Method] = &[
    Method {
        path: "/chat/completions",
        name: "chat.completions.create",
        wants: &[MESSAGES, MODEL],
        arguments: "model stream service_tier messages audio frequency_penalty function_call functions logit_bias \
                    logprobs max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls \
                    prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention \
                    reasoning_effort response_format safety_identifier seed stop store stream_options temperature \
                    tool_choice tools top_logprobs top_p user verbosity web_search_options",
        answer: Answer::Chat,
    },
    Method {
        path: "/responses",
        name: "responses.create",
        // A stored prompt may bring the model and the input.
        wants: &[],
        arguments: "model stream service_tier access_programs background context_management conversation image include \
                    input instructions max_output_tokens max_tool_calls metadata moderation parallel_tool_calls \
                    previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention \
                    reasoning safety_identifier store stream_options temperature text tool_choice tools top_logprobs \
                    top_p truncation user",
        answer: Answer::Response,
    },
    Method {
        path: "/completions",
        name: "completions.create",
        wants: &[MODEL, PROMPT],
        arguments: "model stream prompt best_of echo frequency_penalty logit_bias logprobs max_tokens n \
                    presence_penalty seed stop stream_options suffix temperature top_p user",
        answer: Answer::Completion,
    },
    Method {
        path: "/embeddings",
        name: "embeddings.create",
        wants: &[INPUT, MODEL],
        arguments: "model input dimensions encoding_format user",
        answer: Answer::Vectors,
    },
    Method {
        path: "/images/generations",
        name: "images.generate",
        wants: &[PROMPT],
        arguments: "model stream prompt background complexity frame_count frame_duration_ms moderation n \
                    output_compression output_format partial_images quality response_format safety_identifier size \
                    style svg user",
        answer: Answer::Pictures,
    },
    Method {
        path: "/audio/speech",
        name: "audio.speech.create",
        wants: &[INPUT, MODEL, VOICE],
        arguments: "model input voice instructions response_format speed stream_format",
        answer: Answer::Sound,
    },
    Method {
        path: "/audio/transcriptions",
        name: "audio.transcriptions.create",
        wants: &[MODEL],
        // The file stands apart.
        arguments: "model chunking_strategy include keywords known_speaker_names known_speaker_references language \
                    languages prompt response_format stream temperature timestamp_granularities",
        answer: Answer::Transcript,
    },
];

pub(super) const SCALE_GP: &[Method] = &[
    Method {
        path: "/v5/chat/completions",
        name: "chat.completions.create",
        wants: &[MESSAGES, MODEL],
        arguments: "messages model audio frequency_penalty function_call functions logit_bias logprobs \
                    max_completion_tokens max_tokens metadata modalities n parallel_tool_calls prediction \
                    presence_penalty reasoning_effort response_format seed stop store stream stream_options \
                    temperature tool_choice tools top_k top_logprobs top_p",
        answer: Answer::Chat,
    },
    Method {
        path: "/v5/responses",
        name: "responses.create",
        wants: &[INPUT, MODEL],
        arguments: "input model include instructions max_output_tokens metadata parallel_tool_calls \
                    previous_response_id reasoning store stream temperature text tool_choice tools top_p truncation",
        answer: Answer::ScaleResponse,
    },
    Method {
        path: "/v5/completions",
        name: "completions.create",
        wants: &[MODEL, PROMPT],
        arguments: "model prompt best_of echo frequency_penalty logit_bias logprobs max_tokens n presence_penalty \
                    seed stop stream stream_options suffix temperature top_p user",
        answer: Answer::Completion,
    },
    Method {
        path: "/v5/inference",
        name: "inference.create",
        wants: &[MODEL],
        arguments: "model args inference_configuration",
        answer: Answer::Inference,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_before_those_that_it_ends_with() {
        for methods in [OPENAI, SCALE_GP] {
            for (at, method) in methods.iter().enumerate() {
                let hidden_by = methods[..at].iter().find(|earlier| method.path.ends_with(earlier.path));
                assert!(hidden_by.is_none(), "{} is never reached", method.path);
            }
        }
    }

    #[test]
    fn what_a_call_wants_is_an_argument_and_none_stands_there_twice() {
        for method in OPENAI.iter().chain(SCALE_GP) {
            for want in method.wants {
                assert!(method.has_argument(want.name), "{}: {}", method.path, want.name);
            }
            let mut names: Vec<&str> = method.arguments().collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}", method.path);
        }
    }
}
