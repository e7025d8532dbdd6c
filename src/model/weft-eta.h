/* weft-eta.h: how long the rest of a run takes, with a band
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is left is played through as the engine would run it: so many workers, each taking the ready
 * task with the smallest number. How long tasks take is known from those of their group that have
 * ended; where recorded run times (hints) came with the graph, from how these turned out. The band
 * is meant to hold the truth four times in five. It comes of playing the rest often, each time with
 * durations drawn from what has been seen: wider the fewer have been seen, the more they differ,
 * and the more is left of groups of which none has ended. While nothing was measured at all,
 * nothing is said.
 */
#pragma once

#include "model/weft-past.h"

/* Durations of a group that are kept one by one. */
#define WEFT_ETA_KEPT 32

/**
 * WeftEtaGroup:
 * @n: durations that were added
 * @sum: of them
 * @hinted_sum: of those that came with a hint
 * @hints: of these hints
 * @guess_ns: a duration to go by while there is none; negative: there is no such guess
 * @kept: a random choice of them, with their hints
 *
 * What is known of a group of tasks. All but the guess in one unit, which weft_eta_estimate() is
 * told; hints in nanoseconds.
 */
typedef struct
{
  uint64_t n;
  double sum;
  double hinted_sum;
  double hints;
  double guess_ns;
  float kept[WEFT_ETA_KEPT];
  float kept_hints[WEFT_ETA_KEPT];
} WeftEtaGroup;

/**
 * weft_eta_group_init:
 * @group: (out caller-allocates)
 *
 * Nothing is known.
 */
WEFT_API void weft_eta_group_init (WeftEtaGroup *group);

/**
 * weft_eta_group_add:
 * @duration: of a task that ended well
 * @hint: what was recorded for it beforehand; 0 or less: nothing
 *
 * O(1).
 */
WEFT_API void weft_eta_group_add (WeftEtaGroup *group, double duration, double hint);

/**
 * WeftEtaFacts:
 * @groups: (array length=n_groups): by the numbers that the tasks' groups have
 * @ns_per_unit: of the groups' durations
 * @hint_scale: what hints are multiplied by while none was measured; 0: not known
 * @delay_ns: slow motion: so long nothing starts after a start or an end
 * @ages_ns: (nullable) (array length=n_ages): for weft_eta_estimate(): how long workers have been
 *   at what they run, the longest first; that is taken to be the first tasks that are ready
 */
typedef struct
{
  const WeftEtaGroup *groups;
  uint32_t n_groups;
  uint32_t n_workers;
  double ns_per_unit;
  double hint_scale;
  int64_t delay_ns;
  const double *ages_ns;
  uint32_t n_ages;
} WeftEtaFacts;

/**
 * WeftEta:
 * @known: whether anything can be said; if not, the times are 0
 * @at_least: tasks are left of whose groups none has ended
 * @least_ns: with their means, groups of which nothing is known counted as nothing
 * @middle_ns: as likely less as more
 * @low_ns: less than this in one of ten cases
 * @high_ns: more than this in one of ten cases
 * @n_left: tasks that have not ended
 * @n_unknown: those of them of whose groups none has ended
 *
 * What is left, from a moment on.
 */
typedef struct
{
  bool known;
  bool at_least;
  int64_t least_ns;
  int64_t middle_ns;
  int64_t low_ns;
  int64_t high_ns;
  uint32_t n_left;
  uint32_t n_unknown;
} WeftEta;

/**
 * weft_eta_estimate:
 * @arrays: of one graph; its groups are those of @facts
 * @ended: (array): by task: whether it has ended
 * @eta: (out caller-allocates)
 *
 * The same facts give the same answer. O(tasks × log (tasks) + edges), times some 100 in small
 * graphs: at most about a twentieth of a second for 100,000 tasks. Any thread.
 */
WEFT_API void weft_eta_estimate (const WeftEtaFacts *facts, const WeftGraphArrays *arrays,
                                 const uint8_t *ended, WeftEta *eta);

typedef struct _WeftEtaReader WeftEtaReader;

/**
 * weft_eta_reader_new:
 * @model: a reference is taken
 *
 * For estimates of a run that is known by its model only.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftEtaReader *weft_eta_reader_new (WeftModel *model);

/**
 * weft_eta_reader_free:
 * @reader: (nullable)
 */
WEFT_API void weft_eta_reader_free (WeftEtaReader *reader);

/**
 * weft_eta_reader_estimate:
 * @snapshot: of the model; not older than the last one
 * @eta: (out caller-allocates)
 *
 * What is left from the snapshot's last_ns on. Takes in what has come since the last call; where
 * that is very much, a part of it. One thread at a time, any. Cost as weft_eta_estimate().
 */
WEFT_API void weft_eta_reader_estimate (WeftEtaReader *reader, const WeftModelSnapshot *snapshot,
                                        WeftEta *eta);

/**
 * weft_eta_estimate_then:
 * @snapshot: of @model; not older than what @moment is of
 * @eta: (out caller-allocates)
 *
 * What would have been said at a moment of the past: from durations that had ended by then, tasks
 * that had not, and the workers and the delay of that time. A part of the graph of which no task
 * could start yet counts as not known then: when it was told of is not recorded. Nothing that came
 * later changes it. Any thread. O(spans looked at + tasks), and as weft_eta_estimate().
 */
WEFT_API void weft_eta_estimate_then (WeftModel *model, const WeftModelSnapshot *snapshot,
                                      const WeftMoment *moment, WeftEta *eta);
