// What a device may say about an answer before the server does: only what the field's description says.

import type { Pairs, Question } from "./store";

export interface Trouble {
  name: string;
  said: string;
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** The first trouble of each question that is asked; `hidden` are fields that another answer switched off. */
export function troubles(questions: Question[], form: Pairs, hidden: Set<string>): Trouble[] {
  const found: Trouble[] = [];
  for (const question of questions) {
    if (hidden.has(question.name)) continue;
    const values = form.filter(([name, value]) => name === question.name && value.trim() !== "").map(([, value]) => value.trim());
    const said = values.length ? wrong(question, values[0] ?? "") : question.required ? "还没有填写" : "";
    if (said) found.push({ name: question.name, said: `${question.label}：${said}` });
  }
  return found;
}

function wrong(question: Question, value: string): string {
  const text = value.normalize("NFKC").replaceAll(",", "");
  const range = `应在 ${question.low} 至 ${question.high}${question.unit ? ` ${question.unit}` : ""} 之间`;
  if (["integer", "decimal", "fen"].includes(question.kind)) {
    if (!NUMBER.test(text) || (question.kind === "integer" && text.includes("."))) return `“${value}”不是数字，请改正`;
    const number = Number(text);
    if (question.low && number < Number(question.low)) return question.high ? range : `不能小于 ${question.low}`;
    if (question.high && number > Number(question.high)) return question.low ? range : `不能大于 ${question.high}`;
  }
  if (question.kind === "date") {
    if (question.low && text < question.low) return `不能早于 ${question.low}`;
    if (question.high && text > question.high) return `不能晚于 ${question.high}`;
  }
  if (question.length && value.length > question.length) return `最多 ${question.length} 字，现有 ${value.length} 字`;
  return "";
}
