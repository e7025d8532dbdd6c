/* eta.c: how long the rest of a run takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The rest is played with durations drawn anew each time; of these plays' ends the middle one and
 * the tenths from either side are told. Of large graphs that takes too long. There the rest is
 * played once, with the groups' means; what draws change is then only what the groups are like, as
 * single tasks even out, and what they change by is taken from Graham's bounds: work divided by
 * workers, and the longest chain, of which it is known how many tasks of each group are in it. Of
 * still larger ones only these bounds are looked at.
 */
#include "model/weft-eta-private.h"

#include <math.h>
#include <stdlib.h>

#define MOST_DRAWS 100
#define LEAST_DRAWS 24
#define DRAWN_TASKS 300000 /* in all draws together */
#define MOST_PLAYED 200000
/* What a play does not know of: other programs, caches, the order of things. */
#define PLAY_SPREAD 0.01

/* ---- groups ---------------------------------------------------------------------------------- */

void
weft_eta_group_init (WeftEtaGroup *group)
{
  *group = (WeftEtaGroup){ .guess_ns = -1 };
}

/* Each of the first n has the same chance to be kept (Vitter 1985, algorithm R); the number of a
 * duration is as good as a random one for this. */
void
weft_eta_group_add (WeftEtaGroup *group, double duration, double hint)
{
  uint64_t place = group->n++;

  group->sum += duration;
  if (hint > 0)
    {
      group->hinted_sum += duration;
      group->hints += hint;
    }
  if (place >= WEFT_ETA_KEPT)
    {
      uint64_t mixed = (place ^ place >> 31) * UINT64_C (0x9e3779b97f4a7c15);

      place = (mixed ^ mixed >> 29) % group->n;
    }
  if (place >= WEFT_ETA_KEPT)
    return;
  group->kept[place] = (float) duration;
  group->kept_hints[place] = (float) MAX (hint, 0);
}

/* ---- one graph ------------------------------------------------------------------------------- */

static void
take_tasks (EtaRest *rest, const WeftGraphArrays *arrays, const uint8_t *ended)
{
  uint32_t n = 0;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    {
      if (ended[task])
        continue;
      rest->groups[n] = arrays->group_of_task[task];
      if (arrays->hints.runtime_ns != NULL && arrays->hints.runtime_ns[task] > 0)
        rest->hints[n] = (float) arrays->hints.runtime_ns[task];
      n++;
    }
}

static void
take_edges (GArray *edges, const WeftGraphArrays *arrays, const uint8_t *ended)
{
  g_autofree uint32_t *numbers = g_new (uint32_t, (size_t) arrays->n_tasks + 1);
  uint32_t n = 0;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    numbers[task] = ended[task] ? WEFT_NONE : n++;
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
      {
        EtaEdge edge = { numbers[task], numbers[arrays->dependents[i]] };

        if (edge.from != WEFT_NONE && edge.to != WEFT_NONE)
          g_array_append_val (edges, edge);
      }
}

static void
take_ages (EtaRest *rest, const WeftEtaFacts *facts)
{
  for (uint32_t task = 0; task < rest->n && rest->n_running < facts->n_ages; task++)
    if (rest->pending[task] == 0)
      {
        rest->ages[task] = (float) MAX (facts->ages_ns[rest->n_running], 0);
        rest->n_running++;
      }
}

void
weft_eta_estimate (const WeftEtaFacts *facts, const WeftGraphArrays *arrays, const uint8_t *ended,
                   WeftEta *eta)
{
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (EtaEdge));
  uint32_t n = 0;
  EtaRest rest;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    n += !ended[task];
  _weft_eta_rest_init (&rest, n);
  take_tasks (&rest, arrays, ended);
  take_edges (edges, arrays, ended);
  _weft_eta_rest_connect (&rest, (const EtaEdge *) (void *) edges->data, edges->len);
  take_ages (&rest, facts);
  _weft_eta_of_rest (facts, &rest, eta);
  _weft_eta_rest_clear (&rest);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t n_groups;
  uint32_t *n_left;  /* by group */
  uint32_t *n_chain; /* by group, on the longest chain */
  double *hints;     /* by group: the mean one */
  double work_ns, chain_ns;
} Bounds;

static void
bounds_init (Bounds *bounds, const EtaRest *rest, const float *ns, uint32_t n_groups)
{
  *bounds = (Bounds){ .n_groups = n_groups,
                      .n_left = g_new0 (uint32_t, (size_t) n_groups + 1),
                      .n_chain = g_new0 (uint32_t, (size_t) n_groups + 1),
                      .hints = g_new0 (double, (size_t) n_groups + 1) };
  bounds->chain_ns = _weft_eta_chain (rest, ns, bounds->n_chain, n_groups);
  for (uint32_t task = 0; task < rest->n; task++)
    {
      uint32_t group = rest->groups[task];

      bounds->work_ns += (double) ns[task];
      if (group >= n_groups)
        continue;
      bounds->n_left[group]++;
      bounds->hints[group] += (double) rest->hints[task];
    }
  for (uint32_t i = 0; i < n_groups; i++)
    bounds->hints[i] /= MAX (bounds->n_left[i], 1);
}

static void
bounds_clear (Bounds *bounds)
{
  g_free (bounds->n_left);
  g_free (bounds->n_chain);
  g_free (bounds->hints);
}

static double
lower_bound (const Bounds *bounds, const WeftEtaFacts *facts)
{
  return MAX (bounds->work_ns / MAX (facts->n_workers, 1), bounds->chain_ns);
}

/* The bound as it is with the groups as drawn last. */
static double
drawn_bound (const Bounds *bounds, const WeftEtaFacts *facts, const EtaDraws *draws)
{
  double work = 0, chain = 0;

  for (uint32_t i = 0; i < bounds->n_groups; i++)
    if (bounds->n_left[i] > 0)
      {
        double ns = _weft_eta_draws_group_ns (draws, i, bounds->hints[i]);

        work += ns * bounds->n_left[i];
        chain += ns * bounds->n_chain[i];
      }
  return MAX (work / MAX (facts->n_workers, 1), chain);
}

/* ---- the band -------------------------------------------------------------------------------- */

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static int64_t
to_ns (double ns)
{
  return (int64_t) CLAMP (ns, 0, 9e18);
}

/* @ends: (array length=n) */
static void
take_band (WeftEta *eta, double *ends, uint32_t n)
{
  uint32_t tenth = (n - 1) / 10;

  qsort (ends, n, sizeof *ends, compare_doubles);
  eta->low_ns = to_ns (ends[tenth]);
  eta->middle_ns = to_ns (ends[n / 2]);
  eta->high_ns = to_ns (ends[n - 1 - tenth]);
}

static double
disturbance (EtaDraws *draws)
{
  return exp (PLAY_SPREAD * _weft_eta_draws_normal (draws));
}

static void
play_often (EtaDraws *draws, EtaPlay *play, float *ns, uint32_t n, WeftEta *eta)
{
  double ends[MOST_DRAWS];

  for (uint32_t i = 0; i < n; i++)
    {
      _weft_eta_draws_next (draws, ns);
      ends[i] = _weft_eta_play_run (play, ns) * disturbance (draws);
    }
  take_band (eta, ends, n);
}

/* What the draws change of the bound, they change of what it really takes. */
static void
scale_often (const WeftEtaFacts *facts, const EtaRest *rest, EtaDraws *draws, const float *ns,
             double least_ns, WeftEta *eta)
{
  double ends[MOST_DRAWS], bound, over;
  Bounds bounds;

  bounds_init (&bounds, rest, ns, facts->n_groups);
  bound = lower_bound (&bounds, facts);
  over = bound > 0 ? MAX (least_ns / bound, 1) : 1;
  for (uint32_t i = 0; i < MOST_DRAWS; i++)
    {
      _weft_eta_draws_next (draws, NULL);
      ends[i] = drawn_bound (&bounds, facts, draws) * over * disturbance (draws);
    }
  take_band (eta, ends, MOST_DRAWS);
  bounds_clear (&bounds);
}

static void
count_unknown (const EtaDraws *draws, const EtaRest *rest, WeftEta *eta)
{
  for (uint32_t task = 0; task < rest->n; task++)
    eta->n_unknown += _weft_eta_draws_is_unknown (draws, task);
  eta->at_least = eta->n_unknown > 0;
}

static double
least (const WeftEtaFacts *facts, const EtaRest *rest, EtaPlay *play, const float *ns)
{
  Bounds bounds;
  double bound;

  if (rest->n <= MOST_PLAYED)
    return _weft_eta_play_run (play, ns);
  bounds_init (&bounds, rest, ns, facts->n_groups);
  bound = lower_bound (&bounds, facts);
  bounds_clear (&bounds);
  return bound;
}

void
_weft_eta_of_rest (const WeftEtaFacts *facts, const EtaRest *rest, WeftEta *eta)
{
  EtaDraws *draws = _weft_eta_draws_new (facts, rest);
  g_autofree float *ns = g_new (float, (size_t) rest->n + 1);
  EtaPlay *play = NULL;

  *eta = (WeftEta){ .n_left = rest->n, .known = rest->n == 0 || _weft_eta_draws_is_known (draws) };
  count_unknown (draws, rest, eta);
  if (eta->known && rest->n > 0)
    {
      uint32_t n_draws = MIN (DRAWN_TASKS / rest->n, MOST_DRAWS);
      double least_ns;

      play = _weft_eta_play_new (rest, facts->n_workers, (double) facts->delay_ns);
      _weft_eta_draws_means (draws, ns);
      least_ns = least (facts, rest, play, ns);
      eta->least_ns = to_ns (least_ns);
      if (n_draws >= LEAST_DRAWS)
        play_often (draws, play, ns, n_draws, eta);
      else
        scale_often (facts, rest, draws, ns, least_ns, eta);
      _weft_eta_play_free (play);
    }
  _weft_eta_draws_free (draws);
}
