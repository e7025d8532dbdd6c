/* pin.c: a core of its own for each worker
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The topology is read once per engine, which takes some milliseconds. Of each core only what the
 * process may use counts; a core of which it may use nothing is none. Workers beyond the number of
 * cores share them, and so do spares.
 */
#include "config.h"

#include "sched/weft-sched-private.h"

#include <sched.h>
#ifdef WEFT_HAVE_HWLOC
#include <hwloc.h>
#include <hwloc/glibc-sched.h>
#endif

struct _WeftCores
{
  uint32_t n_cores;
  cpu_set_t *sets; /* n_cores */
};

#ifdef WEFT_HAVE_HWLOC
static void
add_core (WeftCores *cores, hwloc_topology_t topology, hwloc_obj_t core, const cpu_set_t *allowed)
{
  cpu_set_t *set = &cores->sets[cores->n_cores];

  CPU_ZERO (set);
  if (hwloc_cpuset_to_glibc_sched_affinity (topology, core->cpuset, set, sizeof *set) != 0)
    return;
  CPU_AND (set, set, allowed);
  cores->n_cores += CPU_COUNT (set) > 0;
}

static void
read_cores (WeftCores *cores)
{
  hwloc_topology_t topology;
  cpu_set_t allowed;
  int n;

  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0 || hwloc_topology_init (&topology) != 0)
    return;
  if (hwloc_topology_load (topology) == 0
      && (n = hwloc_get_nbobjs_by_type (topology, HWLOC_OBJ_CORE)) > 0)
    {
      cores->sets = g_new0 (cpu_set_t, (gsize) n);
      for (int i = 0; i < n; i++)
        add_core (cores, topology,
                  hwloc_get_obj_by_type (topology, HWLOC_OBJ_CORE, (unsigned int) i), &allowed);
    }
  hwloc_topology_destroy (topology);
}
#endif

WeftCores *
_weft_cores_new (void)
{
  WeftCores *cores = g_new0 (WeftCores, 1);

#ifdef WEFT_HAVE_HWLOC
  read_cores (cores);
#endif
  return cores;
}

void
_weft_cores_free (WeftCores *cores)
{
  if (cores == NULL)
    return;
  g_free (cores->sets);
  g_free (cores);
}

/* In the worker's own thread. Where it fails the worker runs where the system puts it. */
void
_weft_worker_pin (WeftWorker *worker)
{
  const WeftCores *cores = worker->engine->cores;

  if (cores != NULL && cores->n_cores > 0)
    sched_setaffinity (0, sizeof *cores->sets, &cores->sets[worker->index % cores->n_cores]);
}
