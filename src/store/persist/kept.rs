//! Rows that are kept for a time only: statuses of messages that nobody knows yet, and what was not understood.
//!
//! Apart because each arrival lets old ones go. Invariant: a row that cannot be read is let go like an old one: it must
//! not stop what arrives.

use redb::ReadableTable as _;

use crate::domain::command::DeliveryReport;
use crate::domain::time::Timestamp;
use crate::limits::{
    OLD_ROWS_PER_ARRIVAL_MAX, PARKED_REPORT_AGE_MS_MAX, PARKED_REPORTS_MAX, RAW_AGE_MS_MAX, RAW_ROWS_MAX,
};

use super::Pages;
use crate::store::StoreError;
use crate::store::codec;
use crate::store::record::message::{ParkedPlace, Raw};

impl Pages<'_> {
    pub(super) fn park(&mut self, at: Timestamp, report: &DeliveryReport) -> Result<(), StoreError> {
        let last = self.tables.parked_order()?.last()?.map_or(0, |(key, _)| key.value());
        let (number, wamid) = (last + 1, report.wamid.0.as_str());
        self.tables.parked_reports()?.insert((wamid, number), codec::encode(report).as_slice())?;
        let place = ParkedPlace { at: at.0, wamid: wamid.to_owned() };
        self.tables.parked_order()?.insert(number, codec::encode(&place).as_slice())?;
        for _ in 0..OLD_ROWS_PER_ARRIVAL_MAX {
            let Some((key, value)) = self.tables.parked_order()?.first()? else { break };
            let (oldest, place) = (key.value(), codec::decode::<ParkedPlace>(value.value()).ok());
            drop((key, value));
            let young = |place: &ParkedPlace| at.since_ms(Timestamp(place.at)) <= PARKED_REPORT_AGE_MS_MAX;
            if place.as_ref().is_some_and(young) && number - oldest < PARKED_REPORTS_MAX {
                break;
            }
            self.tables.parked_order()?.remove(oldest)?;
            if let Some(place) = place {
                self.tables.parked_reports()?.remove((place.wamid.as_str(), oldest))?;
            }
        }
        Ok(())
    }

    pub(super) fn keep_raw(&mut self, at: Timestamp, kind: &str, raw: &str) -> Result<(), StoreError> {
        let number = self.tables.raw()?.last()?.map_or(0, |(key, _)| key.value()) + 1;
        let row = Raw { at: at.0, kind: kind.to_owned(), raw: raw.to_owned() };
        self.tables.raw()?.insert(number, codec::encode(&row).as_slice())?;
        for _ in 0..OLD_ROWS_PER_ARRIVAL_MAX {
            let Some((key, value)) = self.tables.raw()?.first()? else { break };
            let (oldest, row) = (key.value(), codec::decode::<Raw>(value.value()).ok());
            drop((key, value));
            let young = row.is_some_and(|row| at.since_ms(Timestamp(row.at)) <= RAW_AGE_MS_MAX);
            if young && number - oldest < RAW_ROWS_MAX {
                break;
            }
            self.tables.raw()?.remove(oldest)?;
        }
        Ok(())
    }
}
