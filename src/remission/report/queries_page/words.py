"""The words of the page of queries in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remission.plan import Language
from remission.records.checks import State


@dataclass(frozen=True)
class PageWords:
    """What stands on the page beside the queries themselves."""

    tag: str
    kind: str
    states: Mapping[State, str]
    meanings: Mapping[State, str]
    reading: str
    timeline: str
    site: str
    rule: str
    state: str
    child: str
    all: str
    shown: str
    more: str
    whole_site: str
    why: str
    cure: str
    again: str
    row: str
    rows_more: str
    at_fault: str
    hidden: str
    empty: str
    day: str
    axis: str
    lanes: Mapping[str, str]
    marks: Mapping[str, str]
    banners: Mapping[str, str]
    nothing: str
    colophon: str


WORDS: Mapping[Language, PageWords] = {
    "en": PageWords(
        tag="en", kind="Queries about the records",
        states={"open": "open", "corrected": "corrected, but found again",
                "confirmed": "confirmed", "unresolved": "cannot be resolved"},
        meanings={
            "open": "The centre has not answered yet.",
            "corrected": "The centre answered “corrected”, but the records still say so.",
            "confirmed": "The centre confirmed the records; it is not asked again while they "
                         "stay as they are.",
            "unresolved": "The centre cannot resolve it; it is not asked again, and counted in "
                          "the report."},
        reading="Each query names a child by its study identifier, the rows as they stand in "
                "the study, and the values at fault (underlined). Days count from day 0 of the "
                "child. Free text is not shown; it may hold names.",
        timeline="Marks in a ring belong to a row that is asked about. The axis changes its "
                 "scale at a dashed line.",
        site="Centre", rule="Rule", state="State", child="Child", all="all", shown="{n} shown",
        more="{n} more queries stand in the sheets only.", whole_site="The whole centre",
        why="Why it matters", cure="What to do",
        again="Answered “corrected”, but the records still say so.", row="{file} row {row}",
        rows_more="{n} more rows", at_fault="at fault", hidden="free text, not shown",
        empty="empty", day="day {day}", axis="day",
        lanes={"disease": "Disease", "exposure": "Blinatumomab", "marrow": "Marrow",
               "graft": "Transplant, cells", "gvhd": "GVHD", "harm": "Adverse events",
               "other": "Other rows asked about", "follow_up": "Follow-up"},
        marks={"INITIAL_DIAGNOSIS": "diagnosis", "RELAPSE": "relapse",
               "REFRACTORY": "refractory", "MRD_RECURRENCE": "MRD recurrence",
               "infusion": "infusion", "active": "5 % blasts or more",
               "remission": "under 5 % blasts", "marrow": "marrow", "graft": "transplant",
               "cells": "cells", "gvhd": "GVHD", "grade": "grade {grade}", "dead": "death",
               "alive": "last contact", "other": "row asked about"},
        banners={"patients": "", "simulated": "Simulated, not patients",
                 "reconstructed": "Reconstructed from print, not patients"},
        nothing="No query has this centre, rule and state.",
        colophon="Made by remission check. Answers belong in the sheets of the centres, not in "
                 "this page."),
    "es": PageWords(
        tag="es", kind="Consultas sobre los registros",
        states={"open": "abiertas", "corrected": "corregidas, pero siguen igual",
                "confirmed": "confirmadas", "unresolved": "no se pueden resolver"},
        meanings={
            "open": "El centro aún no ha respondido.",
            "corrected": "El centro respondió «corregida», pero los registros siguen igual.",
            "confirmed": "El centro confirmó los registros; no se pregunta de nuevo mientras "
                         "sigan así.",
            "unresolved": "El centro no la puede resolver; no se pregunta de nuevo y se cuenta "
                          "en el informe."},
        reading="Cada consulta nombra al paciente por su identificador del estudio, los "
                "renglones como están en el estudio y los valores en duda (subrayados). Los "
                "días se cuentan desde el día 0 del paciente. El texto libre no se muestra; "
                "puede contener nombres.",
        timeline="Las marcas dentro de un anillo pertenecen a un renglón consultado. El eje "
                 "cambia de escala en la línea punteada.",
        site="Centro", rule="Regla", state="Estado", child="Paciente", all="todos",
        shown="{n} a la vista", more="Otras {n} consultas están solo en las hojas.",
        whole_site="Todo el centro", why="Por qué importa", cure="Qué hacer",
        again="Se respondió «corregida», pero los registros siguen igual.",
        row="{file} renglón {row}", rows_more="{n} renglones más", at_fault="en duda",
        hidden="texto libre, no se muestra", empty="vacío", day="día {day}", axis="día",
        lanes={"disease": "Enfermedad", "exposure": "Blinatumomab", "marrow": "Médula ósea",
               "graft": "Trasplante, células", "gvhd": "EICH", "harm": "Eventos adversos",
               "other": "Otros renglones", "follow_up": "Seguimiento"},
        marks={"INITIAL_DIAGNOSIS": "diagnóstico", "RELAPSE": "recaída",
               "REFRACTORY": "refractaria", "MRD_RECURRENCE": "reaparición de EMR",
               "infusion": "infusión", "active": "5 % de blastos o más",
               "remission": "menos de 5 % de blastos", "marrow": "médula",
               "graft": "trasplante", "cells": "células", "gvhd": "EICH",
               "grade": "grado {grade}", "dead": "muerte", "alive": "último contacto",
               "other": "renglón consultado"},
        banners={"patients": "", "simulated": "Simulado, no son pacientes",
                 "reconstructed": "Reconstruido de lo impreso, no son pacientes"},
        nothing="Ninguna consulta tiene este centro, regla y estado.",
        colophon="Hecho por remission check. Las respuestas van en las hojas de los centros, no "
                 "en esta página."),
    "zh": PageWords(
        tag="zh-Hans", kind="数据质疑",
        states={"open": "待处理", "corrected": "已更正但仍存在", "confirmed": "已确认",
                "unresolved": "无法解决"},
        meanings={
            "open": "中心尚未答复。",
            "corrected": "中心答复“已更正”，但记录仍未改变。",
            "confirmed": "中心已确认记录；记录不变则不再询问。",
            "unresolved": "中心无法解决；不再询问，并在报告中计数。"},
        reading="每条质疑列出患儿的研究编号、研究数据中的原行以及有疑问的数值（加下划线）。"
                "天数从患儿的第0天算起。自由文本可能含有姓名，不予显示。",
        timeline="圈内的标记属于被质疑的行。坐标轴在虚线处改变比例。",
        site="研究中心", rule="规则", state="状态", child="患儿", all="全部",
        shown="显示{n}条", more="另有{n}条质疑仅列在表格中。", whole_site="整个中心",
        why="原因", cure="处理方法", again="已答复“已更正”，但记录仍未改变。",
        row="{file} 第{row}行", rows_more="另有{n}行", at_fault="有疑问",
        hidden="自由文本，不显示", empty="空", day="第{day}天", axis="天",
        lanes={"disease": "疾病", "exposure": "贝林妥欧单抗", "marrow": "骨髓",
               "graft": "移植、细胞", "gvhd": "移植物抗宿主病", "harm": "不良事件",
               "other": "其他被质疑的行", "follow_up": "随访"},
        marks={"INITIAL_DIAGNOSIS": "初诊", "RELAPSE": "复发", "REFRACTORY": "难治",
               "MRD_RECURRENCE": "微小残留病复现", "infusion": "输注",
               "active": "原始幼稚细胞≥5 %", "remission": "原始幼稚细胞<5 %",
               "marrow": "骨髓", "graft": "移植", "cells": "细胞", "gvhd": "移植物抗宿主病",
               "grade": "{grade}级", "dead": "死亡", "alive": "末次随访",
               "other": "被质疑的行"},
        banners={"patients": "", "simulated": "模拟数据，非真实患儿",
                 "reconstructed": "由文献重建，非真实患儿"},
        nothing="没有符合该中心、规则和状态的质疑。",
        colophon="由remission check生成。请在各中心的表格中答复，不要写在本页。"),
}
