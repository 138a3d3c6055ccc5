/*
 * The audit log, the newest first, and the rules about who gets in.
 *
 * Invariant: entries are shown as they were written; what a word means is said in the person's language, a word that is
 * not known is shown as it is.
 *
 * Hooks: audit, audit-row, audit-more, audit-check, audit-checked; security-FIELD, security-submit, security-saved.
 */
import { request } from '../../api.js';
import { el, setText } from '../../dom.js';
import { createForm } from '../form.js';
import { action, failed, pageOf, table, waiting } from '../parts.js';
import { words } from '../strings.js';
import { moment } from './moments.js';

const own = words.audit;
const PAGE = 50;

/**
 * @typedef {{number: number, at: number, who: string, agent_id: number|null, address: string, browser: string,
 *   action: string, subject: string, subject_id: number|null, detail: string}} Entry
 * @typedef {{entries: Entry[], next_before: number|null, logins: Record<string, string>}} Log
 */

/** @returns {import('../app.js').SectionView} */
export function createAudit() {
  const node = el('div', {});

  async function show() {
    node.replaceChildren(waiting());
    try {
      const [log, rules] = await Promise.all([
        request('GET', `/api/administration/audit?limit=${PAGE}`),
        request('GET', '/api/administration/security'),
      ]);
      draw(log, rules);
    } catch (error) {
      node.replaceChildren(failed(error, show));
    }
  }

  /** @param {Log} log @param {object} rules */
  function draw({ entries, next_before, logins }, rules) {
    const form = createForm({
      name: 'security',
      fields: [
        { name: 'administrators_need_second_factor', kind: 'check', label: own.factor_needed, hint: own.factor_needed_hint },
        { name: 'audit_days', kind: 'number', label: own.kept, unit: own.days, required: true, min: 1, max: 7300 },
      ],
      save: async (values) => form.fill(await request('PUT', '/api/administration/security', values)),
    });
    form.fill(rules);
    const checked = el('p', { role: 'status', test: 'audit-checked' });
    const place = el('div', { class: 'stack' });
    /** @type {number|null} */
    let next = next_before;
    const drawTable = () =>
      place.replaceChildren(
        tableOf(entries, logins),
        next === null
          ? ''
          : action({
              test: 'audit-more',
              text: own.more,
              run: async () => {
                /** @type {Log} */
                const page = await request('GET', `/api/administration/audit?limit=${PAGE}&before=${next}`);
                entries.push(...page.entries);
                next = page.next_before;
                drawTable();
              },
            }),
      );
    drawTable();
    node.replaceChildren(
      pageOf(
        words.sections.audit,
        own.intro,
        {},
        action({
          test: 'audit-check',
          text: own.check,
          run: async () => {
            const { whole, entries, broken_at } = await request('GET', '/api/administration/audit/check');
            setText(checked, whole ? own.whole(entries) : own.broken(broken_at));
          },
        }),
        checked,
        place,
        el('h3', { text: own.rules }),
        form.node,
      ),
    );
  }

  return { node, show };
}

/** @param {Entry[]} entries @param {Record<string, string>} logins */
function tableOf(entries, logins) {
  /** @param {number|null} id */
  const login = (id) => (id === null ? null : (logins[id] ?? `#${id}`));
  return table({
    test: 'audit',
    caption: words.sections.audit,
    empty: own.empty,
    items: entries,
    columns: [
      { label: own.at, cell: ({ at }) => moment(at) },
      { label: own.who, cell: ({ who, agent_id }) => login(agent_id) ?? own.whos[/** @type {'visitor'} */ (who)] ?? who },
      { label: own.what, cell: ({ action }) => own.actions[/** @type {'signed_in'} */ (action)] ?? action },
      {
        label: own.whom,
        cell: ({ subject, subject_id }) =>
          subject === 'agent' ? login(subject_id) : subject_id === null ? null : `${subject} ${subject_id}`,
      },
      { label: own.detail, cell: ({ detail }) => detail || null },
      { label: own.from, cell: ({ address, browser }) => [address, browser].filter(Boolean).join(', ') || null },
    ],
  });
}
