"""dask_preload.py: `dask scheduler --preload weftline.dask_preload`: shows the cluster.

SPDX-License-Identifier: BSD-3-Clause

For where the window, or `weftline serve`, is on the scheduler's machine.
"""
from typing import Any, List

from ._cluster import Translator, plugin_namespace, worker_plugin
from ._plugin import WeftlinePlugin
from ._run import Run


async def dask_setup(scheduler: Any) -> None:
    run = Run(f'Dask at {scheduler.address}', source='dask', clock='wall', keeps=True)
    if not run.live:
        return
    translator = Translator(run)

    def deliver(events: List[Any], is_last: bool) -> None:
        translator.take(events)
        if is_last:
            run.finish()

    plugin = WeftlinePlugin(deliver=deliver,
                            worker_plugin=worker_plugin(plugin_namespace(), 'weftline'))
    await plugin.start(scheduler)
    scheduler.add_plugin(plugin, name=plugin.name)
