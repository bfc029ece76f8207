"""Centres that say what the demo's clinics say in other words, with the mapping that is true.

The records are those of the embedded example; columns, sheets and codes get other names, and the
hand-written mapping of the clinic, with the same names put in, is what a draft is compared with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl

from remission.sources.mapping import Cell, SiteMapping, read_mapping
from remission.sources.read_source import read_source
from remission.sources.sheet import Sheet, Source

True_ = tuple[str, str, str, str]
"""Sheet, column of the centre, table, column of the data model."""


@dataclass(frozen=True)
class Wording:
    """How a centre calls the sheets, the columns and the values of one of the demo's clinics."""

    clinic: str
    sheets: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, Mapping[str, str]]


CHINESE = Wording("north", {
    "patients": "基本信息", "relapses": "复发", "genetics": "融合基因", "transplants": "移植",
    "counts": "血常规", "transfusions": "输血", "events": "不良事件", "gvhd": "移植物抗宿主病",
    "follow_up": "随访",
}, {
    "patients": {"id": "研究编号", "sex": "性别", "birth": "出生日期",
                 "first_infusion": "贝林妥欧单抗首次输注日期", "reason": "用药原因",
                 "diagnosed": "确诊日期", "wbc": "初诊白细胞（×10⁹/L）",
                 "blasts": "骨髓原始细胞（%）",
                 "mrd": "用药前微小残留病（%）", "mrd_end": "疗程结束微小残留病（%）",
                 "infusion_end": "输注结束日期"},
    "relapses": {"id": "研究编号", "date": "复发日期"},
    "genetics": {"id": "研究编号", "alteration": "融合基因", "result": "结果"},
    "transplants": {"id": "研究编号", "date": "移植日期", "donor": "供者类型",
                    "source": "干细胞来源",
                    "hla": "HLA相合位点", "of": "HLA检测位点数", "cd34": "CD34+细胞（10⁶/kg）",
                    "conditioning": "预处理强度"},
    "counts": {"id": "研究编号", "date": "采样日期", "test": "检验项目", "value": "结果",
               "unit": "单位"},
    "transfusions": {"id": "研究编号", "date": "输血日期", "product": "血液成分"},
    "events": {"id": "研究编号", "what": "不良事件名称", "date": "发生日期", "grade": "分级"},
    "gvhd": {"id": "研究编号", "kind": "类型", "onset": "发生日期", "grade": "最高分度"},
    "follow_up": {"id": "研究编号", "last_seen": "末次随访日期", "status": "生存状态",
                  "died": "死亡日期", "cause": "死亡原因"},
}, {
    "sex": {"F": "女", "M": "男"},
    "reason": {"RR": "复发/难治", "MRD_POS": "MRD阳性", "CHEMO_INTOLERANT": "化疗不耐受"},
    "result": {"pos": "阳性", "neg": "阴性"},
    "mrd": {"neg": "阴性"}, "mrd_end": {"neg": "阴性"},
    "donor": {"HAPLOIDENTICAL": "单倍体", "MATCHED_SIBLING": "同胞全相合",
              "MATCHED_UNRELATED": "非血缘全相合"},
    "source": {"PBSC": "外周血干细胞", "BM": "骨髓"},
    "conditioning": {"MAC": "清髓", "RIC": "减低剂量"},
    "test": {"ANC": "中性粒细胞计数", "PLT": "血小板计数"},
    "product": {"PLATELET": "血小板"},
    "what": {"CRS": "细胞因子释放综合征", "ICANS": "免疫效应细胞相关神经毒性综合征"},
    "kind": {"ACUTE": "急性", "CHRONIC": "慢性"},
    "grade": {}, "status": {"alive": "存活", "dead": "死亡"},
    "cause": {"RELAPSE": "复发", "TRANSPLANT": "移植相关"},
})

ENGLISH = Wording("south", {
    "pacientes": "Demographics", "recaidas": "Relapses", "laboratorio": "Labs",
    "trasplantes": "HSCT", "transfusiones": "Transfusions", "eich": "GVHD",
    "seguimiento": "Outcome",
}, {
    "pacientes": {"expediente": "PatientID", "sexo": "Gender", "nacimiento": "DOB (dd/mm/yyyy)",
                  "inicio_blina": "BlinaStartDate", "motivo": "IndicationForBlina",
                  "diagnostico": "DxDate", "leucocitos": "WBC at Dx (/uL)",
                  "blastos_mo": "BM blasts pre (%)", "emr": "MRD baseline %",
                  "emr_final": "MRD end of cycle %", "fin_infusion": "BlinaStopDate",
                  "testiculo": "Testicular disease"},
    "recaidas": {"expediente": "PatientID", "fecha": "DateOfRelapse"},
    "laboratorio": {"expediente": "PatientID", "fecha": "SampleDate", "prueba": "Analyte",
                    "resultado": "Result", "unidad": "Units"},
    "trasplantes": {"expediente": "PatientID", "fecha": "HSCT date", "donador": "DonorType",
                    "fuente": "Stem cell source", "hla": "HLA match", "cd34": "CD34 dose (10^6/kg)",
                    "acondicionamiento": "Conditioning intensity",
                    "dia_neutrofilos": "Neutrophil engraftment date",
                    "dia_plaquetas": "Platelet engraftment date"},
    "transfusiones": {"expediente": "PatientID", "fecha": "Date", "producto": "Component"},
    "eich": {"expediente": "PatientID", "tipo": "GVHD type", "inicio": "Onset date",
             "grado": "Max grade"},
    "seguimiento": {"expediente": "PatientID", "ultimo_contacto": "Last follow-up",
                    "estado": "VitalStatus", "defuncion": "Date of death",
                    "causa": "Cause of death"},
}, {
    "sexo": {"femenino": "Girl", "masculino": "Boy"},
    "motivo": {"recaída/refractaria": "R/R", "EMR positiva": "MRD+",
               "intolerancia": "Chemo intolerance"},
    "testiculo": {"sí": "Yes", "no": "No"},
    "emr": {"neg": "undetectable"}, "emr_final": {"neg": "undetectable"},
    "prueba": {"neutrófilos": "Absolute neutrophil count", "plaquetas": "Platelets"},
    "donador": {"haploidéntico": "Haplo", "hermano idéntico": "MSD", "no emparentado": "MUD"},
    "fuente": {"sangre periférica": "PBSC", "médula ósea": "Marrow"},
    "acondicionamiento": {"mieloablativo": "Myeloablative",
                          "intensidad reducida": "Reduced intensity"},
    "producto": {"plaquetas": "Platelets"},
    "tipo": {"ACUTE": "aGVHD", "CHRONIC": "cGVHD"},
    "estado": {"finado": "Deceased", "vivo": "Alive"},
    "causa": {"trasplante": "TRM", "recaída": "Leukemia relapse"},
})

SPANISH = Wording("north", {
    "patients": "Datos generales", "relapses": "Recaídas", "genetics": "Citogenética",
    "transplants": "TCPH", "counts": "Biometría hemática", "transfusions": "Transfusiones",
    "events": "Toxicidad", "gvhd": "EICH", "follow_up": "Seguimiento",
}, {
    "patients": {"id": "Folio", "sex": "Género", "birth": "Fecha de nacimiento (aaaa-mm-dd)",
                 "first_infusion": "Fecha de inicio de blinatumomab", "reason": "Indicación",
                 "diagnosed": "Fecha de diagnóstico",
                 "wbc": "Leucocitos al diagnóstico (x10^9/L)",
                 "blasts": "Blastos en médula ósea (%)", "mrd": "EMR basal (%)",
                 "mrd_end": "EMR al final del ciclo (%)",
                 "infusion_end": "Fecha de término de la infusión"},
    "relapses": {"id": "Folio", "date": "Fecha de recaída"},
    "genetics": {"id": "Folio", "alteration": "Alteración", "result": "Resultado"},
    "transplants": {"id": "Folio", "date": "Fecha de trasplante", "donor": "Tipo de donante",
                    "source": "Fuente de progenitores", "hla": "Compatibilidad HLA",
                    "of": "HLA comparados", "cd34": "CD34+ x10^6/kg",
                    "conditioning": "Tipo de acondicionamiento"},
    "counts": {"id": "Folio", "date": "Fecha de toma", "test": "Estudio", "value": "Valor",
               "unit": "Unidades"},
    "transfusions": {"id": "Folio", "date": "Fecha", "product": "Hemocomponente"},
    "events": {"id": "Folio", "what": "Evento adverso", "date": "Fecha de inicio",
               "grade": "Grado"},
    "gvhd": {"id": "Folio", "kind": "Tipo de EICH", "onset": "Fecha de inicio",
             "grade": "Grado máximo"},
    "follow_up": {"id": "Folio", "last_seen": "Fecha de última visita", "status": "Estado actual",
                  "died": "Fecha de fallecimiento", "cause": "Causa de muerte"},
}, {
    "sex": {"F": "Mujer", "M": "Hombre"},
    "reason": {"RR": "Recaída o refractaria", "MRD_POS": "EMR+",
               "CHEMO_INTOLERANT": "Intolerancia a quimioterapia"},
    "result": {"pos": "Positivo", "neg": "Negativo"},
    "mrd": {"neg": "Negativa"}, "mrd_end": {"neg": "Negativa"},
    "donor": {"HAPLOIDENTICAL": "Haploidéntico", "MATCHED_SIBLING": "Hermano HLA idéntico",
              "MATCHED_UNRELATED": "No relacionado"},
    "source": {"PBSC": "Sangre periférica", "BM": "Médula ósea"},
    "conditioning": {"MAC": "Mieloablativo", "RIC": "Intensidad reducida"},
    "test": {"ANC": "Neutrófilos absolutos", "PLT": "Plaquetas"},
    "product": {"PLATELET": "Aféresis plaquetaria"},
    "what": {"CRS": "SLC", "ICANS": "ICANS"},
    "kind": {"ACUTE": "Aguda", "CHRONIC": "Crónica"},
    "status": {"alive": "Vivo", "dead": "Finado"},
    "cause": {"RELAPSE": "Recaída", "TRANSPLANT": "Complicaciones del trasplante"},
})


def clinic(name: str) -> tuple[Source, SiteMapping]:
    """Return the files and the hand-written mapping of one of the demo's clinics."""
    with as_file(files("remission") / "example") as example:
        return read_source(example / name), read_mapping(example / f"{name}.toml")


def worded(wording: Wording, folder: Path) -> Path:
    """Write the clinic's files in a centre's own words; return their folder."""
    source, _ = clinic(wording.clinic)
    folder.mkdir(parents=True)
    for sheet in source.sheets.values():
        names = wording.columns[sheet.name]
        frame = sheet.cells.with_columns(
            pl.col(column).replace(wording.codes.get(column, {}))
            for column in sheet.cells.columns).rename(dict(names))
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows([cell or "" for cell in row] for row in frame.rows())
        (folder / f"{wording.sheets[sheet.name]}.csv").write_text(text.getvalue(), "utf-8")
    return folder


def true_cells(mapping: SiteMapping, wording: Wording | None = None) -> set[True_]:
    """Return what the hand-written mapping reads, in the centre's own words."""
    found = set()
    for block in mapping.blocks:
        for column, cell in block.cells.items():
            if cell.field is not None:
                sheet = block.sheet or ""
                field = wording.columns[sheet][cell.field] if wording else cell.field
                name = wording.sheets[sheet] if wording else sheet
                found.add((name, field, block.table.name, column))
    return found


def true_codes(
    source: Source, mapping: SiteMapping, wording: Wording | None = None
) -> Iterator[tuple[True_, str, str]]:
    """Yield (cell, value in the centre's words, our code) of each value that occurs."""
    for block in mapping.blocks:
        sheet = source.sheets[block.sheet or ""]
        for column, cell in block.cells.items():
            if cell.field is None or not block.table.by_name[column].codes:
                continue
            for value in _values(sheet, cell):
                code = cell.codes.get(value, cell.codes.get("*")) if cell.codes else value
                said = wording.codes.get(cell.field, {}).get(value, value) if wording else value
                place = (wording.sheets[sheet.name] if wording else sheet.name,
                         wording.columns[sheet.name][cell.field] if wording else cell.field,
                         block.table.name, column)
                if code is not None:
                    yield place, said, str(code)


def _values(sheet: Sheet, cell: Cell) -> list[str]:
    values = {value for value in sheet.columns[cell.field or ""] if value is not None}
    return sorted(value for value in values if value not in cell.null)
