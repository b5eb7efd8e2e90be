//! Reads a chat stream with async-openai, keeps nothing, and prints how many deltas it saw.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs};
use futures_util::StreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = std::env::args().nth(1).ok_or("the base address, up to /v1")?;
    let client = Client::with_config(OpenAIConfig::new().with_api_base(base).with_api_key("none"));
    let message = ChatCompletionRequestUserMessageArgs::default().content("Go").build()?;
    let request = CreateChatCompletionRequestArgs::default().model("flood").messages([message.into()]).stream(true).build()?;
    let mut stream = client.chat().create_stream(request).await?;
    let mut deltas = 0_u64;
    while let Some(answer) = stream.next().await {
        deltas += answer?.choices.iter().filter(|choice| choice.delta.content.is_some()).count() as u64;
    }
    println!("{deltas}");
    Ok(())
}
