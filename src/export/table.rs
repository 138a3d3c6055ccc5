//! Contacts as a table (RFC 4180), for spreadsheets and for the import of another system or of this one.
//!
//! Invariant: no cell is a formula: what a stranger named themselves must not run in a spreadsheet.

use std::io::Write;

use serde_json::Value;

/// The columns; the import reads them again.
const COLUMNS: [&str; 10] = [
    "id",
    "name",
    "first_name",
    "last_name",
    "phone",
    "other_addresses",
    "tags",
    "attributes",
    "blocked",
    "marketing_stopped",
];

pub(super) struct Table<W: Write> {
    writer: csv::Writer<W>,
    rows: u64,
}

impl<W: Write> Table<W> {
    pub(super) fn begin(out: W) -> Result<Self, String> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS).map_err(words)?;
        Ok(Self { writer, rows: 0 })
    }

    /// One contact; whoever was erased is left out.
    pub(super) fn add(&mut self, contact: &Value) -> Result<(), String> {
        if contact["erased"] == true {
            return Ok(());
        }
        let text = |key: &str| contact[key].as_str().unwrap_or_default().to_owned();
        let addresses = || contact["addresses"].as_array().into_iter().flatten();
        let of_kind = |phone: bool| {
            let wanted = addresses().filter(move |address| (address["kind"] == "phone") == phone);
            wanted.filter_map(|address| address["value"].as_str()).collect::<Vec<_>>().join("\n")
        };
        let tags = contact["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let attributes = contact["attributes"].as_array().into_iter().flatten();
        let attributes = attributes.map(|one| {
            format!("{}: {}", one["key"].as_str().unwrap_or_default(), one["value"].as_str().unwrap_or_default())
        });
        let yes = |key: &str| if contact[key] == true { "yes" } else { "no" }.to_owned();
        let row = [
            contact["id"].to_string(),
            harmless(text("name")),
            harmless(text("first_name")),
            harmless(text("last_name")),
            // A plus and digits: no formula does harm with these.
            of_kind(true),
            harmless(of_kind(false)),
            harmless(tags.collect::<Vec<_>>().join("\n")),
            harmless(attributes.collect::<Vec<_>>().join("\n")),
            yes("blocked"),
            yes("marketing_stopped"),
        ];
        self.writer.write_record(&row).map_err(words)?;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<u64, String> {
        self.writer.flush().map_err(|error| format!("The table cannot be written: {error}."))?;
        Ok(self.rows)
    }
}

/// A text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

fn words(error: csv::Error) -> String {
    format!("The table cannot be written: {error}.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Table;

    #[test]
    fn a_name_is_no_formula_and_stays_in_its_cell() {
        let mut bytes = Vec::new();
        let mut table = Table::begin(&mut bytes).expect("memory does not fail");
        let contact = json!({
            "id": 7, "name": "=HYPERLINK(\"x\")", "first_name": "a,b\"c", "last_name": null, "tags": ["vip", "new"],
            "addresses": [{"kind": "phone", "value": "+4915112345"}, {"kind": "username", "value": "@ana"}],
            "attributes": [{"key": "City", "value": "Köln"}], "blocked": true, "marketing_stopped": false,
        });
        table.add(&contact).expect("memory does not fail");
        table.add(&json!({"id": 8, "erased": true})).expect("memory does not fail");
        assert_eq!(table.end().expect("memory does not fail"), 1);
        let text = String::from_utf8(bytes).expect("text");
        let row = text.split_once('\n').expect("a header").1;
        assert_eq!(
            row,
            "7,\"'=HYPERLINK(\"\"x\"\")\",\"a,b\"\"c\",,+4915112345,'@ana,\"vip\nnew\",City: Köln,yes,no\n"
        );
    }
}
