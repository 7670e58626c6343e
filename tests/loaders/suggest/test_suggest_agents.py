"""Who of the insurer's people a column names: the seller, the serving agent, or who keyed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcrm_loaders.suggest import suggest_mapping

_STAFF = ("A0007", "A0012", "A0031")


def _places(folder: Path, header: str, *, policies: bool) -> dict[str, bool]:
    """The places of a column of staff numbers in an export, and whether each is doubtful."""
    people = (
        ("王丽", "11010519491231002X"),
        ("李明", "110105198503070038"),
        ("周杰", "110105199001011239"),
    )
    lines = [f"保单号,投保人姓名,投保人证件号码,{header},保费,签单日期,保单状态"]
    if not policies:
        lines = [f"客户号,姓名,证件号码,{header},地址"]
    for n in range(24):
        name, document = people[n % 3]
        start = f"X{n:05d},{name},{document},{_STAFF[n * 7 % 3]}"
        rest = f"{1000 + n},2024-01-{n + 1:02d},有效" if policies else f"北京市朝阳区建国路{n}号"
        lines.append(f"{start},{rest}")
    path = folder / ("policies.csv" if policies else "customers.csv")
    path.write_text("\n".join(lines), encoding="utf-8")
    (sheet,) = suggest_mapping([path]).sheets
    drafts = [draft for table in sheet.tables for draft in table.drafts]
    return {d.column: d.doubtful for d in drafts if d.origin.get("from") == header}


_SERVING = (
    "客户经理工号", "客户经理", "客户经理代码", "客户经理编号", "服务人员工号", "管户经理工号",
)  # fmt: skip
_KEYING = ("录入人", "录入员工号", "录入人工号", "操作员工号")


@pytest.mark.parametrize("header", _SERVING)
def test_the_manager_of_a_customer_serves(tmp_path: Path, header: str) -> None:
    assert _places(tmp_path, header, policies=True) == {"served_by": False}
    assert _places(tmp_path, header, policies=False) == {}


@pytest.mark.parametrize("header", ["理财经理工号", "业务员工号", "经办人工号"])
def test_who_sold_it_did_not_key_it(tmp_path: Path, header: str) -> None:
    assert _places(tmp_path, header, policies=True) == {"sold_by": False}
    assert "entered_by" not in _places(tmp_path, header, policies=False)


@pytest.mark.parametrize("policies", [True, False])
@pytest.mark.parametrize("header", _KEYING)
def test_who_keyed_a_record(tmp_path: Path, header: str, policies: bool) -> None:
    assert _places(tmp_path, header, policies=policies) == {"entered_by": False}
