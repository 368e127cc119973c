"""What would happen: cliffs of policies that end or change, shocks, the radar of ends, and dependence on policy money."""

from khotail.analysis.cliff import Simulation, YearOutcome, simulate
from khotail.analysis.cliff_output import check_simulation_format, write_simulation
from khotail.analysis.dependence import Dependence, dependence
from khotail.analysis.radar import EndingProgramme, radar
from khotail.analysis.reading_scenarios import built_in_scenarios, load_scenario
from khotail.analysis.scenario import Scenario, ScenarioFlawed, UnknownScenario

__all__ = [
    "Dependence",
    "EndingProgramme",
    "Scenario",
    "ScenarioFlawed",
    "Simulation",
    "UnknownScenario",
    "YearOutcome",
    "built_in_scenarios",
    "check_simulation_format",
    "dependence",
    "load_scenario",
    "radar",
    "simulate",
    "write_simulation",
]
