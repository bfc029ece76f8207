"""The words of the sheets of queries in every language: heads, answers, what is said in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remission.plan import Language
from remission.records.checks import State


@dataclass(frozen=True)
class SheetWords:
    """What stands in a sheet of queries beside the queries themselves.

    ``queries`` and ``answered`` are the names of its two sheets; ``again`` is said of a query
    that was answered as corrected and is found again.
    """

    title: str
    queries: str
    answered: str
    number: str
    child: str
    rows: str
    what: str
    why: str
    cure: str
    answer: str
    comment: str
    states: Mapping[State, str]
    row: str
    more: str
    again: str
    choose: str

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads of the columns, in the order of ``COLUMNS``."""
        return tuple(str(getattr(self, column)) for column in COLUMNS)


COLUMNS = ("number", "child", "rows", "what", "why", "cure", "answer", "comment")
ANSWER_COLUMN = COLUMNS.index("answer") + 1

WORDS: Mapping[Language, SheetWords] = {
    "en": SheetWords(
        title="Queries to {site}", queries="Queries", answered="Answered", number="Query",
        child="Child", rows="Rows", what="What is wrong", why="Why it matters",
        cure="What to do", answer="Answer", comment="Comment",
        states={"open": "open", "corrected": "corrected", "confirmed": "confirmed",
                "unresolved": "cannot be resolved"},
        row="{file} row {row}", more="and {count} more rows",
        again="Answered “corrected”, but the records still say so.",
        choose="Choose one of the answers of the list; anything else belongs in the comment."),
    "es": SheetWords(
        title="Consultas a {site}", queries="Consultas", answered="Respondidas",
        number="Consulta", child="Paciente", rows="Renglones", what="Qué está mal",
        why="Por qué importa", cure="Qué hacer", answer="Respuesta", comment="Comentario",
        states={"open": "abierta", "corrected": "corregida", "confirmed": "confirmada",
                "unresolved": "no se puede resolver"},
        row="{file} renglón {row}", more="y {count} renglones más",
        again="Se respondió «corregida», pero los registros siguen igual.",
        choose="Elija una respuesta de la lista; todo lo demás va en el comentario."),
    "zh": SheetWords(
        title="给{site}的质疑", queries="质疑", answered="已答复", number="质疑编号",
        child="患儿", rows="所在行", what="问题", why="原因", cure="处理方法", answer="答复",
        comment="备注",
        states={"open": "待处理", "corrected": "已更正", "confirmed": "已确认",
                "unresolved": "无法解决"},
        row="{file} 第{row}行", more="另有{count}行",
        again="已答复“已更正”，但记录仍未改变。",
        choose="请从列表中选择答复；其他内容请写在备注中。"),
}

STATE_OF: Mapping[str, State] = {
    word.casefold(): state for words in WORDS.values() for state, word in words.states.items()}
"""Answer as it is typed, in any language and in small letters → state."""

COLUMN_OF: Mapping[str, str] = {
    str(getattr(words, column)): column for words in WORDS.values() for column in COLUMNS}
"""Head of a column in any language → the column."""

SHEETS = frozenset(name for words in WORDS.values() for name in (words.queries, words.answered))
"""The names of the sheets that are read back."""


def place_of(row: str, language: Language) -> str:
    """Return ``file:row`` as a person reads it."""
    file, _, number = row.rpartition(":")
    return WORDS[language].row.format(file=file, row=number) if file else row
