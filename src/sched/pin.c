/* pin.c: a processor of its own for each worker
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The processors are those the process may use, as the system says: hwloc, which has to find out
 * what lies where and may see less of a machine than there is, only puts them in order: first one
 * of each core, then the second of each, so two workers share a core only if there are more workers
 * than cores. It is asked once per engine, which takes some milliseconds. Workers beyond the number
 * of processors share them, and so do spares.
 */
#include "config.h"

#include "sched/weft-sched-private.h"

#include <sched.h>
#include <stdlib.h>
#ifdef WEFT_HAVE_HWLOC
#include <hwloc.h>
#endif

typedef struct
{
  int number;    /* the system's */
  uint32_t rank; /* among those of its core */
  uint32_t core;
} Place;

struct _WeftCores
{
  uint32_t n_places;
  Place places[CPU_SETSIZE];
};

#ifdef WEFT_HAVE_HWLOC
/* A processor hwloc does not know counts as a core, behind all others. */
static void
find_cores (WeftCores *cores)
{
  hwloc_topology_t topology;

  if (hwloc_topology_init (&topology) != 0)
    return;
  if (hwloc_topology_load (topology) == 0)
    for (uint32_t i = 0; i < cores->n_places; i++)
      {
        Place *place = &cores->places[i];
        hwloc_obj_t unit = hwloc_get_pu_obj_by_os_index (topology, (unsigned int) place->number);
        hwloc_obj_t core =
            unit != NULL ? hwloc_get_ancestor_obj_by_type (topology, HWLOC_OBJ_CORE, unit) : NULL;

        if (core != NULL)
          place->core = core->logical_index;
      }
  hwloc_topology_destroy (topology);
}
#endif

static int
compare_places (const void *a, const void *b)
{
  const Place *x = a, *y = b;

  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;
  if (x->core != y->core)
    return x->core < y->core ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

static void
put_in_order (WeftCores *cores)
{
  for (uint32_t i = 0; i < cores->n_places; i++)
    for (uint32_t k = 0; k < i; k++)
      cores->places[i].rank += cores->places[k].core == cores->places[i].core;
  qsort (cores->places, cores->n_places, sizeof (Place), compare_places);
}

WeftCores *
_weft_cores_new (void)
{
  WeftCores *cores = g_new0 (WeftCores, 1);
  cpu_set_t allowed;

  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0)
    return cores;
  for (int number = 0; number < CPU_SETSIZE; number++)
    if (CPU_ISSET (number, &allowed))
      cores->places[cores->n_places++] =
          (Place){ .number = number, .core = CPU_SETSIZE + (uint32_t) number };
#ifdef WEFT_HAVE_HWLOC
  find_cores (cores);
#endif
  put_in_order (cores);
  return cores;
}

void
_weft_cores_free (WeftCores *cores)
{
  g_free (cores);
}

/* In the worker's own thread. Where it fails the worker runs where the system puts it. */
void
_weft_worker_pin (WeftWorker *worker)
{
  const WeftCores *cores = worker->engine->cores;
  cpu_set_t set;

  if (cores == NULL || cores->n_places == 0)
    return;
  CPU_ZERO (&set);
  CPU_SET (cores->places[worker->index % cores->n_places].number, &set);
  sched_setaffinity (0, sizeof set, &set);
}
