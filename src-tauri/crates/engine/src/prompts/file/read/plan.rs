//! Where values and results of tools come from, read back.

use std::str::FromStr;

use juxta_client::json::{Kind, Node};
use juxta_wire::check::Check;
use juxta_wire::draft::{Dataset, ReasoningBack, Variable, VariableKind};
use juxta_wire::tools::{ToolCondition, ToolMode, ToolPlan, ToolRule, ToolSource};

use super::{Object, Reader, Reading};

impl Reader<'_> {
    pub(super) fn variable(&self, node: &Node) -> Reading<Variable> {
        let object = self.object(node, "a variable")?;
        let text = |name: &str| object.find(name).map_or(Ok(String::new()), |node| self.lines(node));
        Ok(Variable {
            name: self.string(self.need(&object, "name")?)?,
            value: text("value")?,
            kind: self.kind(&object)?,
            default: text("default")?,
        })
    }

    fn kind(&self, object: &Object<'_>) -> Reading<VariableKind> {
        let Some(node) = object.find("kind") else { return Ok(VariableKind::Text) };
        match self.string(node)?.as_str() {
            "text" => Ok(VariableKind::Text),
            "number" => Ok(VariableKind::Number),
            "boolean" => Ok(VariableKind::Boolean),
            "json" => Ok(VariableKind::Json),
            "choice" => {
                let options = self.list(object.find("options"), "the options")?.iter();
                Ok(VariableKind::Choice { options: options.map(|option| self.lines(option)).collect::<Reading<_>>()? })
            }
            _ => self.wrong(node, "one of these kinds: text, number, boolean, json, choice"),
        }
    }

    pub(super) fn dataset(&self, node: Option<&Node>) -> Reading<Option<Dataset>> {
        let Some(node) = node.filter(|node| node.kind != Kind::Null) else { return Ok(None) };
        let object = self.object(node, "a table")?;
        let path = self.string(self.need(&object, "path")?)?;
        Ok(Some(Dataset { path, row: self.whole_number(object.find("row"), 0)?, off: self.is_set(&object, "off")? }))
    }

    pub(super) fn checks(&self, node: Option<&Node>) -> Reading<Vec<Check>> {
        self.list(node, "the checks")?.iter().map(|check| self.check(check)).collect()
    }

    fn check(&self, node: &Node) -> Reading<Check> {
        let object = self.object(node, "a check")?;
        let rule = self.need(&object, "rule")?;
        Ok(Check {
            name: self.string(self.need(&object, "name")?)?,
            rule: serde_json::from_str(rule.text(self.text)).or_else(|_| self.wrong(rule, "a rule of a check"))?,
        })
    }

    pub(super) fn reasoning_back(&self, node: Option<&Node>) -> Reading<ReasoningBack> {
        let Some(node) = node else { return Ok(ReasoningBack::Usual) };
        match self.string(node)?.as_str() {
            "usual" => Ok(ReasoningBack::Usual),
            "always" => Ok(ReasoningBack::Always),
            "never" => Ok(ReasoningBack::Never),
            _ => self.wrong(node, "one of these: usual, always, never"),
        }
    }

    pub(super) fn tool_plan(&self, node: Option<&Node>) -> Reading<ToolPlan> {
        let usual = ToolPlan::default();
        let Some(node) = node else { return Ok(usual) };
        let object = self.object(node, "a plan for tools")?;
        let mode = match object.find("mode") {
            None => usual.mode,
            Some(node) => match self.string(node)?.as_str() {
                "step" => ToolMode::Step,
                "auto" => ToolMode::Auto,
                _ => return self.wrong(node, "one of these: step, auto"),
            },
        };
        let rules = self.list(object.find("rules"), "the rules")?.iter();
        Ok(ToolPlan {
            mode,
            rules: rules.map(|rule| self.rule(rule)).collect::<Reading<_>>()?,
            most_steps: self.whole_number(object.find("mostSteps"), usual.most_steps)?,
        })
    }

    fn rule(&self, node: &Node) -> Reading<ToolRule> {
        let object = self.object(node, "a rule")?;
        let when = self.list(object.find("when"), "the conditions")?.iter();
        let gives = match (object.find("text"), object.find("url")) {
            (Some(text), _) => ToolSource::Text { text: self.lines(text)? },
            (None, Some(url)) => ToolSource::Http {
                url: self.string(url)?,
                timeout_ms: self.whole_number(Some(self.need(&object, "timeoutMs")?), 0)?,
            },
            (None, None) => return self.wrong(node, "a rule with a \"text\" or a \"url\""),
        };
        Ok(ToolRule {
            tool: self.string(self.need(&object, "tool")?)?,
            when: when.map(|condition| self.condition(condition)).collect::<Reading<_>>()?,
            gives,
        })
    }

    fn condition(&self, node: &Node) -> Reading<ToolCondition> {
        let object = self.object(node, "a condition")?;
        Ok(ToolCondition {
            pointer: self.string(self.need(&object, "pointer")?)?,
            equals: self.lines(self.need(&object, "equals")?)?,
        })
    }

    pub(in crate::prompts::file) fn whole_number<N: FromStr>(&self, node: Option<&Node>, unset: N) -> Reading<N> {
        let Some(node) = node else { return Ok(unset) };
        node.text(self.text).parse().or_else(|_| self.wrong(node, "a whole number"))
    }
}
