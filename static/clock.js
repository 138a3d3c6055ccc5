/*
 * Time as the page shows it: the server's clock, the second hand, and words for moments and spans.
 *
 * Apart because every deadline belongs to the server: the browser's own clock may be wrong by hours. Invariant: no view
 * compares `Date.now()` with a time that the server made; it asks `serverNow()`.
 */
import { locale } from './language.js';
import { words } from './strings.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let difference_ms = 0;

/**
 * Learns how far the browser's clock is from the server's. The server stamped its answer somewhere between asking and
 * answering; the middle is the best guess.
 * @param {number} server_now
 * @param {number} asked_at browser time
 * @param {number} answered_at browser time
 */
export function learnClock(server_now, asked_at, answered_at) {
  difference_ms = server_now - (asked_at + answered_at) / 2;
}

/** Milliseconds since the Unix epoch by the server's clock. */
export const serverNow = () => Math.round(Date.now() + difference_ms);

const hour_minute = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const short_date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const long_date = new Intl.DateTimeFormat(locale, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const plain_date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
const full_moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** @param {number} at */
const dayStart = (at) => new Date(at).setHours(0, 0, 0, 0);

/** Days from the day of `at` to today, by the calendar of the person. @param {number} at */
const daysAgo = (at) => Math.round((dayStart(serverNow()) - dayStart(at)) / DAY_MS);

/** @param {number} at */
export const timeOfDay = (at) => hour_minute.format(at);

/** Today's date, for a text to a contact. */
export const dateToday = () => plain_date.format(serverNow());

/** @param {number} at */
export const moment = (at) => full_moment.format(at);

/** Short, for lists: the time today, the weekday this week, else the date. @param {number} at */
export function shortMoment(at) {
  const days = daysAgo(at);
  if (days <= 0) return hour_minute.format(at);
  return days < 7 ? weekday.format(at) : short_date.format(at);
}

/** One key for each calendar day. @param {number} at */
export const dayKey = (at) => String(dayStart(at));

/** For the separators of the transcript. @param {number} at */
export function dayName(at) {
  const days = daysAgo(at);
  if (days === 0) return words.today;
  return days === 1 ? words.yesterday : long_date.format(at);
}

/** A running span: `0:34`, `12:05`, `3 h 05 min`, `2 d 4 h`. @param {number} span_ms */
export function running(span_ms) {
  const span = Math.max(0, span_ms);
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const minutes = Math.floor(span / MINUTE_MS);
  if (span < HOUR_MS) return `${minutes}:${two(Math.floor(span / SECOND_MS) % 60)}`;
  if (span < DAY_MS) return words.hours_minutes(Math.floor(minutes / 60), two(minutes % 60));
  return words.days_hours(Math.floor(span / DAY_MS), Math.floor(span / HOUR_MS) % 24);
}

/**
 * Calls `listener` each second until the returned function is called.
 * @param {() => void} listener
 */
export function everySecond(listener) {
  const timer = setInterval(listener, SECOND_MS);
  return () => clearInterval(timer);
}
