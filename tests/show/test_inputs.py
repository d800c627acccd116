"""Inputs that need no wire: a file of events, a file of readings, a crowd in rehearsal."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bioart import registry
from bioart.community.community import Community
from bioart.errors import BioartError
from bioart.events import KINDS, Event, check, read_line, write_line
from bioart.health import Vitals
from bioart.inputs import Setting
from bioart.inputs.rehearsal import SPEECHES, STORIES, Rehearsal
from bioart.inputs.script import Script
from bioart.inputs.sensors import Sensors
from bioart.preset.plan import Bind, Choice, CommunityPlan, Proposal, Sensor
from bioart.steering import Zone

ZONES = {
    "riverside": Zone("riverside", (0.2, 0.3), 0.2, 1200, ("old-mill",)),
    "old-mill": Zone("old-mill", (0.8, 0.4), 0.15, 300, ("riverside",)),
}
PM25 = Sensor(name="pm25", column="pm2.5", unit="µg/m³", file="", time=("year", "month", "day", "hour"))
SETTING = Setting(
    seed=3,
    zones=tuple(ZONES),
    proposals={"filter-first": ("yes", "no"), "lights": ("dim", "bright", "as they are")},
    pledges=("walk", "mend"),
    sensors={"pm25": PM25},
    params={"community.echo": (2.0, 60.0)},
    cues=("storm",),
    nominal=92.0,
    acts=(
        ("garden", 0.0, 16.0),
        ("smog", 16.0, 20.0),
        ("activation", 36.0, 20.0),
        ("the air clears", 56.0, 16.0),
        ("flourishing", 72.0, 20.0),
    ),
    over={"pm25": (0.0, 900.0)},
)
STEPS = 92 * 30


def every(source: Script | Sensors | Rehearsal, first: int = 0, end: int = STEPS) -> list[Event]:
    found = []
    for step in range(first, end):
        for event in source.poll(step):
            assert event.step == step
            found.append(event)
    return found


# --- script -----------------------------------------------------------------------------------------------


def test_a_script_plays_each_event_in_its_step(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(
        '\ufeff{"t": 0, "kind": "tap", "who": "a"}\r\n\n'
        '{"t": 0.3, "kind": "tap", "who": "b"}\n'  # 0.3 · 30 is 9 exactly; in floats it would be 8.99…
        '{"t": 0.3, "kind": "vote", "proposal": "lights", "choice": "dim"}\n'
        '{"t": 12.0333, "kind": "pledge", "pledge": "walk", "zone": "old-mill"}',
        encoding="utf-8",
    )
    source = Script(str(file), SETTING)
    assert [(e.step, e.seq, e.kind) for e in every(source)] == [
        (0, 0, "tap"),
        (9, 1, "tap"),
        (9, 2, "vote"),
        (360, 3, "pledge"),
    ]
    assert [e.step for e in every(Script(str(file), SETTING), 9)] == [9, 9, 360]
    assert [e.step for e in Script(str(file), replace(SETTING, rate=60)).all()] == [0, 18, 18, 721]


def test_a_whole_script_is_checked_before_the_show(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    lines = ['{"t": 1, "kind": "tap"}'] * 11 + [
        '{"t": 1, "kind": "vote", "proposal": "light", "choice": "dim"}'
    ]
    file.write_text("\n".join(lines))
    with pytest.raises(BioartError, match=r"^events\.jsonl:12: no proposal 'light'; allowed: lights"):
        Script(str(file), SETTING)
    file.write_bytes(b"x" * 5_000_000)
    with pytest.raises(BioartError, match=r"^events\.jsonl:1: .*longer than 4096"):
        Script(str(file), SETTING)
    for wrong in ("", str(tmp_path / "none.jsonl"), str(tmp_path)):
        with pytest.raises(BioartError, match="allowed"):
            Script(wrong, SETTING)


# --- sensors ----------------------------------------------------------------------------------------------

HEAD = "No,year,month,day,hour,pm2.5,cbwd\n"


def csv(tmp_path: Path, *values: str, head: str = HEAD) -> str:
    rows = [f"{i},2013,1,{1 + i // 24},{i % 24},{v},NW" for i, v in enumerate(values)]
    file = tmp_path / "air.csv"
    file.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return str(file)


def sensing(path: str, entry: Sensor = PM25, **more: object) -> list[tuple[int, float]]:
    setting = replace(SETTING, sensors={"pm25": entry}, **more)  # type: ignore[arg-type]
    return [(e.step, e.data["reading"]) for e in every(Sensors(path, setting))]


def test_rows_span_the_score_and_a_gap_holds(tmp_path: Path) -> None:
    path = csv(tmp_path, "10", "NA", "10", "40.5", "", "70")
    assert sensing(path, nominal=6.0) == [(0, 10.0), (90, 40.5), (150, 70.0)]
    assert sensing(path, replace(PM25, gap="linear"), nominal=6.0)[-2:] == [(120, 55.25), (150, 70.0)]
    assert sensing(path, replace(PM25, rows=(2, 6)), nominal=6.0) == [(0, 10.0), (45, 40.5), (135, 70.0)]
    assert sensing(path, replace(PM25, lasts=3.0), nominal=60.0) == [(0, 10.0), (45, 40.5), (75, 70.0)]
    assert sensing(csv(tmp_path, "NA", "NA", "8"), nominal=3.0) == [(60, 8.0)]
    many = [str(i) for i in range(100)]
    assert sensing(csv(tmp_path, *many), nominal=1.0)[-1] == (
        29,
        99.0,
    )  # more rows than steps: the last stands
    exact = sensing(csv(tmp_path, "1", "2", "3"), nominal=0.1)
    assert exact == [(0, 1.0), (1, 2.0), (2, 3.0)]


def test_a_sensor_event_has_the_form_of_any_event(tmp_path: Path) -> None:
    source = Sensors(csv(tmp_path, "10", "20"), SETTING)
    for event in every(source):
        assert check(event, "sensors", SETTING.vocabulary(), trusted=source.trusted) == event
        assert event.source == "sensors"
        assert event.who is None


@pytest.mark.parametrize(
    ("values", "head", "says"),
    [
        (("1", "2"), HEAD.replace("pm2.5", "pm10"), r"air\.csv:1: no column 'pm2\.5'"),
        (("1", "2"), HEAD.replace("No", "pm2.5"), "more than one column"),
        (("1", "2"), HEAD.replace("hour", "hours"), "did you mean 'hours'"),
        (("1", "bad"), HEAD, r"air\.csv:3: 'bad' in column 'pm2\.5'; allowed: a number, or NA"),
        (("1", "nan"), HEAD, "allowed: a number"),
        (("1", "inf"), HEAD, "allowed: a number"),
        (("1", "1_0"), HEAD, "allowed: a number"),
        (("1", "٣"), HEAD, "allowed: a number"),
        (("1", "2,3"), HEAD, r"air\.csv:3: 8 cells; allowed: 7"),
        (("NA", "NA"), HEAD, "no reading in rows 0 to 2"),
        ((), HEAD, "no data"),
        (('"1', "2"), HEAD, "allowed: CSV"),
        (("1\0", "2"), HEAD, "not text"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(
    tmp_path: Path, values: tuple[str, ...], head: str, says: str
) -> None:
    with pytest.raises(BioartError, match=says):
        sensing(csv(tmp_path, *values, head=head))


def test_rows_time_and_files_are_checked(tmp_path: Path) -> None:
    with pytest.raises(BioartError, match=r"rows 1 to 9 of air\.csv; allowed: within 0 to 2"):
        sensing(csv(tmp_path, "1", "2"), replace(PM25, rows=(1, 9)))
    file = tmp_path / "air.csv"
    file.write_text(HEAD + "1,2013,1,1,5,10,NW\n2,2013,1,1,4,10,NW\n")
    with pytest.raises(BioartError, match=r"air\.csv:3: time does not run forward"):
        sensing(str(file))
    file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe" * 20)
    with pytest.raises(BioartError, match="not text"):
        sensing(str(file))
    for wrong in (str(tmp_path / "none.csv"), str(tmp_path)):
        with pytest.raises(BioartError, match="allowed: a CSV file"):
            sensing(wrong)
    with pytest.raises(BioartError, match="names no column"):
        Sensors("", replace(SETTING, sensors={}))
    with pytest.raises(BioartError, match="no file"):
        Sensors("", SETTING)


def test_a_preset_names_its_own_file(tmp_path: Path) -> None:
    csv(tmp_path, "10", "20")
    named = replace(SETTING, sensors={"pm25": replace(PM25, file="air.csv")}, beside=lambda f: tmp_path / f)
    assert len(every(Sensors("", named))) == 2


# --- rehearsal --------------------------------------------------------------------------------------------

PLAN = CommunityPlan(
    ZONES,
    {
        "filter-first": Proposal("filter-first", "", {"yes": Choice({"a.b": 1.5}), "no": Choice()}),
        "lights": Proposal("lights", "", {c: Choice() for c in SETTING.proposals["lights"]}),
    },
    {"walk": "", "mend": ""},
    (Bind("activation", "light.coupling", (0.0, 1.0), (0.2, 2.0), 0.5),),
)


def test_a_rehearsal_uses_every_kind_within_the_schema() -> None:
    source = Rehearsal("40", SETTING)
    events = every(source)
    assert {e.kind for e in events} == set(KINDS)
    known = SETTING.vocabulary()
    for event in events:
        assert check(event, "rehearsal", known, trusted=source.trusted) == event
        assert read_line(write_line(event, 30), "x:1", known).data == event.data
    assert len({e.seq for e in events}) == len(events)
    assert [e.order for e in events] == sorted(e.order for e in events)
    assert len({e.who for e in events if e.who}) == 40
    assert Counter(e.kind for e in events)["tap"] < 2000


@pytest.mark.parametrize("people", [5, 12, 40, 150])
@pytest.mark.parametrize("seed", [0, 3, 11])
def test_the_crowd_finds_a_common_beat_in_its_act_and_not_by_chance(people: int, seed: int) -> None:
    source, c = Rehearsal(str(people), replace(SETTING, seed=seed)), Community(PLAN, seed, "salt")
    woke, shares = None, []
    for k in range(STEPS):
        out = c.step(k, [c.admit(e) for e in source.poll(k)], Vitals(), {})
        shares.append(out.influence.shares["light.coupling"])
        if woke is None and k >= 36 * 30 and out.activation > 0.6:
            woke = k / 30 - 36
    assert woke is not None
    assert 2.0 < woke < 16.0
    assert c.people == people
    assert sum(shares[-240:]) / 240 > 0.8  # the last act shines by its crowd
    assert sum(shares[: 10 * 30]) / 300 < 0.1


def test_a_rehearsal_is_the_same_for_its_seed_and_may_be_joined_late() -> None:
    assert every(Rehearsal("7", SETTING)) == every(Rehearsal("7", SETTING))
    assert every(Rehearsal("7", SETTING)) != every(Rehearsal("7", replace(SETTING, seed=4)))
    whole = every(Rehearsal("7", SETTING), 0, STEPS + 300)
    assert every(Rehearsal("7", SETTING), 1000, STEPS + 300) == [e for e in whole if e.step >= 1000]
    assert any(e.step >= STEPS for e in whole)  # it stays while the piece is played again
    orders = [e.order for e in whole]
    assert orders == sorted(orders)


@pytest.mark.parametrize(
    "acts", [(), (("only", 0.0, 30.0),), (("dawn", 0.0, 10.0), ("smog wave", 10.0, 20.0))]
)
def test_a_rehearsal_suits_a_piece_of_any_acts(acts: tuple[tuple[str, float, float], ...]) -> None:
    bare = Setting(seed=1, nominal=30.0, acts=acts)
    events = every(Rehearsal("", bare), end=900)
    assert {e.kind for e in events} == {"presence", "tap", "offering", "implant", "reaction", "speech"}
    assert len({e.who for e in events if e.who}) == 40


@pytest.mark.parametrize("option", ["0", "-1", "many", "4.5", "99999", "٣", "2001", " 4"])
def test_a_rehearsal_of_nobody_or_of_a_city_is_refused(option: str) -> None:
    with pytest.raises(BioartError, match="allowed: rehearsal:N, N from 1 to 2000"):
        Rehearsal(option, SETTING)


def test_every_story_fits_and_is_told_once() -> None:
    told = [*SPEECHES, *(s for stories in STORIES.values() for s in stories)]
    assert len(told) == len(set(told)) >= 50
    for words in told:
        line = f'{{"t": 0, "kind": "speech", "words": "{words}"}}'
        assert read_line(line, "x:1").data["words"] == words


def test_the_family_knows_them() -> None:
    assert {"script", "sensors", "rehearsal"} <= set(registry.names("input"))
    assert registry.kind("input", "rehearsal") is Rehearsal
