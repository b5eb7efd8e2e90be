//! Finding what is on screen by role and accessible name.

use serde_json::{Value, json};
use thirtyfour::error::WebDriverError;
use thirtyfour::{WebDriver, WebElement};

use super::driver::{computed_label, computed_role};
use super::{Outcome, eventually};

/// Elements of each role before WebKit is asked: a superset, so that only a few need the round trip.
const CANDIDATES: &str = r#"
const [root, role, name] = arguments;
const native = {
  alert: '', button: 'button, summary, input[type=button], input[type=submit], input[type=file]', checkbox: 'input[type=checkbox]',
  combobox: 'select, input', complementary: 'aside', dialog: 'dialog', group: 'fieldset, details', heading: 'h1, h2, h3, h4, h5, h6',
  img: 'img, svg', link: 'a[href]', list: 'ul, ol', listitem: 'li', listbox: 'select', log: '', main: 'main', menu: '',
  menuitem: '', navigation: 'nav', option: 'option', radio: 'input[type=radio]', radiogroup: '', region: 'section',
  searchbox: 'input[type=search]', slider: 'input[type=range]', spinbutton: 'input[type=number], input', status: 'output',
  switch: 'input[type=checkbox]', table: 'table', tab: '', tablist: '', textbox: 'input, textarea, [contenteditable]', tree: '', treeitem: '',
};
const selector = [`[role~="${role}"]`, native[role]].filter(Boolean).join(', ');
const words = (element) => {
  const parts = [element.ariaLabel, element.title, element.placeholder, element.alt, element.textContent];
  for (const id of (element.getAttribute('aria-labelledby') ?? '').split(/\s+/)) parts.push(document.getElementById(id)?.textContent);
  for (const label of element.labels ?? []) parts.push(label.textContent);
  const caption = element.querySelector?.(':scope > legend, :scope > summary, :scope > title');
  parts.push(caption?.textContent);
  return parts.map((part) => (part ?? '').replace(/\s+/g, ' '));
};
const scope = root ?? document;
return [...scope.querySelectorAll(selector)].filter((element) => {
  if (!element.checkVisibility({ visibilityProperty: true })) return false;
  return name === null || words(element).some((part) => part.includes(name));
});
"#;

/// An element with the page it belongs to.
#[derive(Clone)]
pub struct Found {
    pub(super) page: WebDriver,
    pub element: WebElement,
}

impl Found {
    /// Waits for the one element of this role and exact name within this one.
    pub async fn find(&self, role: &str, name: &str) -> Outcome<Found> {
        find(&self.page, Some(&self.element), role, name).await
    }

    /// Whether such an element is there now.
    pub async fn has(&self, role: &str, name: &str) -> Outcome<bool> {
        Ok(!search(&self.page, Some(&self.element), role, Some(name)).await?.is_empty())
    }

    /// All elements of a role within this one, with their names.
    pub async fn all(&self, role: &str) -> Outcome<Vec<(String, Found)>> {
        search(&self.page, Some(&self.element), role, None).await
    }

    /// The accessible name as WebKit computes it.
    pub async fn name(&self) -> Outcome<String> {
        computed_label(&self.element).await
    }

    /// Presses the pointer on its middle, after it has been scrolled into view.
    pub async fn click(&self) -> Outcome<()> {
        self.element.scroll_into_view().await?;
        match self.element.click().await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain("cannot be clicked", &error).await),
        }
    }

    /// Text as the page holds it, hidden or clipped parts included.
    pub async fn text(&self) -> Outcome<String> {
        let value = self.run("return arguments[0].textContent").await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Value of a field.
    pub async fn value(&self) -> Outcome<String> {
        let value = self.run("return String(arguments[0].value ?? arguments[0].textContent)").await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute, `None` when it is absent.
    pub async fn attribute(&self, name: &str) -> Outcome<Option<String>> {
        Ok(self.element.attr(name).await?)
    }

    /// Whether the keyboard goes here.
    pub async fn has_focus(&self) -> Outcome<bool> {
        Ok(self.run("return arguments[0].contains(document.activeElement)").await? == json!(true))
    }

    /// Types at the end of what is there. The driver leaves out the character of a new line, so its key is pressed.
    pub async fn type_text(&self, text: &str) -> Outcome<()> {
        self.element.scroll_into_view().await?;
        match self.element.send_keys(text.replace('\n', "\u{e007}")).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explain("cannot be typed into", &error).await),
        }
    }

    /// Replaces what is there, as a person would: all marked, then typed over.
    pub async fn replace_text(&self, text: &str) -> Outcome<()> {
        self.click().await?;
        self.run("arguments[0].select?.()").await?;
        self.type_text(text).await
    }

    async fn explain(&self, what: &str, error: &WebDriverError) -> Box<dyn std::error::Error + Send + Sync> {
        let markup = self.element.outer_html().await.unwrap_or_default();
        format!("{markup} {what}: {error}").into()
    }

    async fn run(&self, script: &str) -> Outcome<Value> {
        Ok(self.page.execute(script, vec![self.element.to_json()?]).await?.json().clone())
    }
}

/// Waits for the one element of this role and exact name. More than one is a failure: names are exact and unique.
pub(super) async fn find(page: &WebDriver, within: Option<&WebElement>, role: &str, name: &str) -> Outcome<Found> {
    eventually(&format!("{role} `{name}` on screen"), || async {
        let mut found = search(page, within, role, Some(name)).await?;
        match found.len() {
            1 => Ok(found.remove(0).1),
            0 => Err(format!("none is there; {role}s now: {:?}", names(page, within, role).await?).into()),
            several => Err(format!("{several} are there").into()),
        }
    })
    .await
}

/// The names of all elements of a role, for failures that explain themselves.
async fn names(page: &WebDriver, within: Option<&WebElement>, role: &str) -> Outcome<Vec<String>> {
    Ok(search(page, within, role, None).await?.into_iter().map(|(name, _)| name).collect())
}

/// Visible elements of a role, with that exact name when one is given.
pub(super) async fn search(
    page: &WebDriver,
    within: Option<&WebElement>,
    role: &str,
    name: Option<&str>,
) -> Outcome<Vec<(String, Found)>> {
    let root = within.map(WebElement::to_json).transpose()?.unwrap_or(Value::Null);
    let candidates = page.execute(CANDIDATES, vec![root, json!(role), json!(name)]).await?.elements()?;
    let mut found = Vec::new();
    for element in candidates {
        let label = computed_label(&element).await?;
        if name.is_none_or(|name| name == label) && same_role(role, &computed_role(&element).await?) {
            found.push((label, Found { page: page.clone(), element }));
        }
    }
    Ok(found)
}

/// WebKit names a few roles in its own way.
fn same_role(wanted: &str, computed: &str) -> bool {
    let known = match computed {
        "image" => "img",
        // A select; no button is among the candidates for one.
        "button" if wanted == "combobox" => "combobox",
        other => other,
    };
    wanted == known
}
