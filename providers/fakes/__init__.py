"""Stand-ins for the AI providers: real HTTP servers on loopback that speak their wire formats, with state and faults.

They are used by the tests and by a site that runs without keys. Nothing in production imports them.
"""

from collections.abc import Callable, Mapping

from providers.fakes import goapi, heygen, kie, piapi, suno
from providers.fakes.apps import App
from providers.fakes.frame import Frame, Pace

APPS: Mapping[str, Callable[[Frame], App]] = {
    kie.KieApp.prefix: kie.KieApp,
    piapi.PiapiApp.prefix: piapi.PiapiApp,
    goapi.GoapiApp.prefix: goapi.GoapiApp,
    suno.SunoApp.prefix: suno.SunoApp,
    heygen.HeygenApp.prefix: heygen.HeygenApp,
}
# For a site that people look at: long enough to see a task wait and work.
SEEN_PACE = Pace(accept=0.2, work=5.0)


def environment(base_url: str) -> dict[str, str]:
    """The environment variables that make a site use the stand-ins at `base_url`."""
    return {
        name: value
        for one in (kie, piapi, goapi, suno, heygen)
        for name, value in one.environment(base_url.rstrip("/")).items()
    }


def start(*, port: int = 0, pace: Pace | None = None) -> Frame:
    """All of them in one server, in a thread of this process. `Frame.stop` ends it."""
    return Frame(APPS, port=port, pace=pace).start()
