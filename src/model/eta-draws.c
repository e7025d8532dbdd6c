/* eta-draws.c: durations of tasks that have not ended, drawn from what is known
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Durations are compared by their logarithms; where a group's hints foretell them better than their
 * mean does, it is their ratios to the hints that are. Three things are uncertain, and drawn:
 *
 * - What a group is like. With n seen, the mean is off by about the spread over √n, and the spread
 *   itself is uncertain: its square is scaled by ν / χ²(ν). What few have seen is mixed with what
 *   the groups together are like (as ETA_PRIOR durations).
 * - A single task: one of those seen, at random; moved a little while few were seen, as there are
 *   others than those.
 * - Tasks that run have taken longer than their age. Each is drawn under this condition, and then
 *   counts as one seen: otherwise a group whose long tasks still run would look as if it had short
 *   ones only (the redistribution to the right of Efron 1967, which gives the estimate of Kaplan
 *   and Meier).
 *
 * A group of which none has ended is drawn from what the others are like; those whose tasks take
 * next to nothing beside others' are apart: it is one of these as often as groups are, or tasks,
 * whichever is less.
 */
#include "model/weft-eta-private.h"

#include <math.h>

#define ETA_PRIOR 2.0          /* what the groups together count for in one, in durations */
#define ETA_PRIOR_SPREAD 0.6   /* of logarithms, in a group of which nothing is known */
#define ETA_GROUPS_SPREAD 1.2  /* of groups' means */
#define ETA_LEAST_SPREAD 0.004 /* what nobody can know better */
#define ETA_FEW 16             /* from so many on durations are drawn as they were seen */
#define ETA_MOST_RUNNING 32
#define ETA_TRIES 8
#define ETA_SLIGHT 4.6 /* groups' means that are below the highest by such a logarithm */

typedef struct
{
  /* as measured; logarithms of ns, or of ratios to hints */
  uint32_t n; /* of kept ones */
  uint64_t n_seen;
  double mean, square_sum;
  double average;    /* of the values themselves; 0: none */
  bool by_hint;      /* values are ratios */
  double mean_hint;  /* what stands in for a hint that is missing */
  double plain_mean; /* as mean, of ns in any case */
  double guess_ns;   /* negative: none */
  /* as drawn: n_values, of which those behind n are of running tasks */
  float values[WEFT_ETA_KEPT + ETA_MOST_RUNNING];
  uint32_t n_values;
  double spread, factor, drawn_mean;
} Group;

struct _EtaDraws
{
  const EtaRest *rest;
  uint32_t *running; /* tasks that have an age: few, and looked at in each draw */
  uint32_t n_running;
  Group *groups;
  uint32_t n_groups;
  /* of all groups: by ns, and by ratios */
  double spread[2], centre[2], between[2];
  uint32_t n_seen[2]; /* groups */
  double slight[2];   /* how often one takes next to nothing */
  bool has_hint_scale;
  bool known;
  uint64_t random;
};

/* ---- random numbers -------------------------------------------------------------------------- */

/* xorshift64* (Vigna 2016) */
static uint32_t
draw_bits (EtaDraws *draws)
{
  draws->random ^= draws->random >> 12;
  draws->random ^= draws->random << 25;
  draws->random ^= draws->random >> 27;
  return (uint32_t) ((draws->random * UINT64_C (2685821657736338717)) >> 32);
}

static double
draw_unit (EtaDraws *draws)
{
  return ((double) draw_bits (draws) + 0.5) / 4294967296.0;
}

double
_weft_eta_draws_normal (EtaDraws *draws)
{
  double sum = -2;

  for (int i = 0; i < 4; i++)
    sum += draw_unit (draws);
  return sum * 1.7320508;
}

/* χ²(n) / n, at least as much as keeps a spread from running away */
static double
draw_chi (EtaDraws *draws, uint32_t n)
{
  double sum = 0;

  for (uint32_t i = 0; i < n; i++)
    {
      double x = _weft_eta_draws_normal (draws);

      sum += x * x;
    }
  return MAX (sum / n, 0.15);
}

/* ---- what was seen --------------------------------------------------------------------------- */

static void
measure (Group *group, const WeftEtaGroup *from, double ns_per_unit, bool by_hint)
{
  uint32_t n = (uint32_t) MIN (from->n, WEFT_ETA_KEPT);

  group->n = 0;
  group->mean = group->square_sum = 0;
  group->by_hint = by_hint;
  for (uint32_t i = 0; i < n; i++)
    {
      double value = MAX ((double) from->kept[i], 1e-3) * ns_per_unit, step;

      if (by_hint && !(from->kept_hints[i] > 0))
        continue;
      if (by_hint)
        value /= (double) from->kept_hints[i];
      group->values[group->n++] = (float) value;
      value = log (value);
      step = value - group->mean;
      group->mean += step / group->n;
      group->square_sum += step * (value - group->mean);
    }
}

/* By hints if they foretell durations better. */
static void
take_group (EtaDraws *draws, Group *group, const WeftEtaGroup *from, double ns_per_unit,
            bool has_hints)
{
  Group plain = { 0 };

  measure (&plain, from, ns_per_unit, false);
  measure (group, from, ns_per_unit, has_hints);
  if (has_hints && group->n > 0 && group->n == plain.n
      && group->square_sum > plain.square_sum * 1.2 + 1e-9)
    *group = plain;
  group->n_seen = from->n;
  group->plain_mean = plain.mean;
  group->mean_hint = from->n > 0 ? from->hints / (double) from->n : 0;
  if (group->by_hint)
    group->average = from->hints > 0 ? from->hinted_sum / from->hints * ns_per_unit : 0;
  else
    group->average = from->n > 0 ? from->sum / (double) from->n * ns_per_unit : 0;
  group->guess_ns = from->guess_ns;
  draws->known |= group->n > 0;
}

/* Whether a group is of those judged like that, or with ns any. */
static bool
is_compared (const Group *group, bool by_hint)
{
  return group->n > 0 && (group->by_hint || !by_hint);
}

static double
mean_for (const Group *group, bool by_hint)
{
  return by_hint ? group->mean : group->plain_mean;
}

/* The least mean of groups that are not slight. Ratios to hints are all alike. */
static double
least_mean (const EtaDraws *draws, bool by_hint)
{
  double highest = -INFINITY;

  for (uint32_t i = 0; i < draws->n_groups; i++)
    if (is_compared (&draws->groups[i], by_hint))
      highest = MAX (highest, mean_for (&draws->groups[i], by_hint));
  return by_hint ? -INFINITY : highest - ETA_SLIGHT;
}

/* What groups have in common. */
static void
compare (EtaDraws *draws, bool by_hint, double hint_scale)
{
  double squares = ETA_PRIOR * ETA_PRIOR_SPREAD * ETA_PRIOR_SPREAD, freedom = ETA_PRIOR;
  double mean = 0, among = 0, least = least_mean (draws, by_hint);
  uint32_t n = 0, n_slight = 0;
  uint64_t n_tasks = 0, n_slight_tasks = 0;

  for (uint32_t i = 0; i < draws->n_groups; i++)
    {
      const Group *group = &draws->groups[i];
      double of_group = mean_for (group, by_hint);
      double step = of_group - mean;

      if (!is_compared (group, by_hint))
        continue;
      n_tasks += group->n_seen;
      n_slight += of_group < least;
      n_slight_tasks += of_group < least ? group->n_seen : 0;
      if (of_group >= least)
        {
          n++;
          mean += step / n;
          among += step * (of_group - mean);
        }
      if (group->by_hint != by_hint)
        continue;
      squares += group->square_sum;
      freedom += group->n - 1;
    }
  draws->n_seen[by_hint] = n;
  draws->slight[by_hint] = MIN ((double) n_slight / (n + n_slight + 1),
                                (double) n_slight_tasks / (double) (n_tasks + 1));
  draws->spread[by_hint] = sqrt (squares / freedom);
  draws->centre[by_hint] = n > 0 ? mean : hint_scale > 0 ? log (hint_scale) : 0;
  draws->between[by_hint] =
      sqrt ((ETA_PRIOR * ETA_GROUPS_SPREAD * ETA_GROUPS_SPREAD * (by_hint ? 0.1 : 1) + among)
            / (ETA_PRIOR + (n > 0 ? n - 1 : 0)));
}

static void
find_running (EtaDraws *draws)
{
  const EtaRest *rest = draws->rest;

  for (uint32_t task = 0; task < rest->n; task++)
    draws->n_running += !(rest->ages[task] < 0);
  draws->running = g_new (uint32_t, (size_t) draws->n_running + 1);
  draws->n_running = 0;
  for (uint32_t task = 0; task < rest->n; task++)
    if (!(rest->ages[task] < 0))
      draws->running[draws->n_running++] = task;
}

EtaDraws *
_weft_eta_draws_new (const WeftEtaFacts *facts, const EtaRest *rest)
{
  EtaDraws *draws = g_new0 (EtaDraws, 1);
  g_autofree bool *has_hints = g_new0 (bool, (size_t) facts->n_groups + 1);

  draws->rest = rest;
  draws->n_groups = facts->n_groups;
  draws->groups = g_new0 (Group, (size_t) facts->n_groups + 1);
  draws->random = UINT64_C (0x9e3779b97f4a7c15);
  find_running (draws);
  for (uint32_t task = 0; task < rest->n; task++)
    if (rest->groups[task] < facts->n_groups && rest->hints[task] > 0)
      has_hints[rest->groups[task]] = true;
  for (uint32_t i = 0; i < facts->n_groups; i++)
    {
      take_group (draws, &draws->groups[i], &facts->groups[i], facts->ns_per_unit, has_hints[i]);
      draws->has_hint_scale |= has_hints[i] && facts->hint_scale > 0;
    }
  draws->known |= draws->has_hint_scale;
  compare (draws, false, 0);
  compare (draws, true, facts->hint_scale);
  return draws;
}

void
_weft_eta_draws_free (EtaDraws *draws)
{
  g_free (draws->running);
  g_free (draws->groups);
  g_free (draws);
}

bool
_weft_eta_draws_is_known (const EtaDraws *draws)
{
  return draws->known;
}

/* Whether a hint says something, if nothing was seen of its group. */
static bool
hints_say (const EtaDraws *draws)
{
  return draws->n_seen[true] > 0 || draws->has_hint_scale;
}

bool
_weft_eta_draws_is_unknown (const EtaDraws *draws, uint32_t task)
{
  const Group *group;

  if (draws->rest->groups[task] >= draws->n_groups)
    return draws->rest->groups[task] != ETA_NO_GROUP;
  group = &draws->groups[draws->rest->groups[task]];
  return group->n == 0 && !(group->guess_ns >= 0)
         && !(draws->rest->hints[task] > 0 && hints_say (draws));
}

/* ---- means ----------------------------------------------------------------------------------- */

static double
mean_of (const EtaDraws *draws, uint32_t task)
{
  const Group *group = &draws->groups[draws->rest->groups[task]];
  double hint = (double) draws->rest->hints[task];

  if (group->n > 0 && !group->by_hint)
    return group->average;
  if (group->n > 0)
    return group->average * (hint > 0 ? hint : group->mean_hint);
  if (hint > 0 && hints_say (draws))
    return hint * exp (draws->centre[true]);
  return MAX (group->guess_ns, 0);
}

void
_weft_eta_draws_means (const EtaDraws *draws, float *ns)
{
  const EtaRest *rest = draws->rest;

  for (uint32_t task = 0; task < rest->n; task++)
    {
      double mean = rest->groups[task] < draws->n_groups ? mean_of (draws, task) : 0;

      ns[task] = (float) MAX (mean - MAX ((double) rest->ages[task], 0), 0);
    }
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
draw_group (EtaDraws *draws, Group *group)
{
  uint32_t freedom = group->n > 0 ? (uint32_t) ETA_PRIOR + group->n - 1 : (uint32_t) ETA_PRIOR;
  double prior = draws->spread[group->by_hint];
  double square = ((double) ETA_PRIOR * prior * prior + group->square_sum) / freedom;
  double shift;

  square = square / draw_chi (draws, freedom) + ETA_LEAST_SPREAD * ETA_LEAST_SPREAD;
  group->spread = sqrt (square);
  group->n_values = group->n;
  shift = _weft_eta_draws_normal (draws) * sqrt (square / MAX (group->n, 1));
  group->factor = exp (shift);
  if (group->n > 0)
    return;
  group->factor = exp (draws->centre[group->by_hint]
                       + _weft_eta_draws_normal (draws) * draws->between[group->by_hint]);
  if (draw_unit (draws) < draws->slight[group->by_hint])
    group->factor *= exp (-ETA_SLIGHT);
}

/* A ratio, or ns, of a task that has not started. */
static double
draw_value (EtaDraws *draws, const Group *group)
{
  uint32_t n = group->n_values;
  double value = group->factor, width = group->spread;

  if (n > 0)
    {
      value *= (double) group->values[draw_bits (draws) % n];
      width /= sqrt (n + 1.0);
    }
  if (n < ETA_FEW)
    value *= exp (width * _weft_eta_draws_normal (draws) - width * width / 2);
  return value;
}

/* How long a task takes that has run for so long. */
static double
draw_running (EtaDraws *draws, const Group *group, double age)
{
  double value = 0;

  for (int i = 0; i < ETA_TRIES; i++)
    {
      value = draw_value (draws, group);
      if (value > age)
        return value;
    }
  return age * (1 - MAX (group->spread, 0.05) * log (draw_unit (draws)));
}

/* What values of a task are to be multiplied by, to be ns. */
static double
scale_of (const EtaDraws *draws, const Group *group, uint32_t task)
{
  double hint = (double) draws->rest->hints[task];

  return !group->by_hint ? 1 : hint > 0 ? hint : group->mean_hint;
}

static void
draw_groups (EtaDraws *draws)
{
  for (uint32_t i = 0; i < draws->n_groups; i++)
    {
      Group *group = &draws->groups[i];

      if (group->n == 0)
        group->by_hint = hints_say (draws) && group->by_hint;
      draw_group (draws, group);
    }
}

static void
draw_all_running (EtaDraws *draws, float *ns)
{
  const EtaRest *rest = draws->rest;

  for (uint32_t i = 0; i < draws->n_running; i++)
    {
      uint32_t task = draws->running[i];
      Group *group = &draws->groups[MIN (rest->groups[task], draws->n_groups)];
      double scale, value;

      if (rest->groups[task] >= draws->n_groups)
        continue;
      scale = scale_of (draws, group, task);
      if (!(scale > 0))
        continue;
      value = draw_running (draws, group, (double) rest->ages[task] / scale);
      if (ns != NULL)
        ns[task] = (float) (value * scale - (double) rest->ages[task]);
      if (group->n < WEFT_ETA_KEPT && group->n_values < G_N_ELEMENTS (group->values))
        group->values[group->n_values++] = (float) (value / group->factor);
    }
}

void
_weft_eta_draws_next (EtaDraws *draws, float *ns)
{
  const EtaRest *rest = draws->rest;

  draw_groups (draws);
  draw_all_running (draws, ns);
  for (uint32_t task = 0; ns != NULL && task < rest->n; task++)
    {
      const Group *group = &draws->groups[MIN (rest->groups[task], draws->n_groups)];

      if (rest->groups[task] >= draws->n_groups)
        ns[task] = 0;
      else if (group->n == 0 && group->guess_ns >= 0)
        ns[task] = (float) group->guess_ns;
      else if (rest->ages[task] < 0)
        ns[task] = (float) (draw_value (draws, group) * scale_of (draws, group, task));
    }
}

double
_weft_eta_draws_group_ns (const EtaDraws *draws, uint32_t index, double mean_hint)
{
  const Group *group = &draws->groups[index];
  double sum = 0;

  if (group->n == 0 && group->guess_ns >= 0)
    return group->guess_ns;
  for (uint32_t i = 0; i < group->n_values; i++)
    sum += (double) group->values[i];
  if (group->n > 0)
    sum = group->average; /* of all that were seen, not only of those kept */
  else
    sum = group->n_values > 0 ? sum / group->n_values : 1;
  return sum * group->factor * (group->by_hint ? mean_hint : 1);
}
