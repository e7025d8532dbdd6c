/* timeline-fixture.h: made-up runs, and the task stream drawn the simplest way
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "timeline/timeline-paint.h"

#define FIXTURE_N_GROUPS 7

typedef struct
{
  WeftlineTimelineInput input;
  WeftlineTimelineLane *lanes;
  WeftlineTimelineGroup groups[FIXTURE_N_GROUPS];
  char **names;
  int64_t end_ns;
} FixtureRun;

typedef struct
{
  unsigned n_lanes;
  uint64_t n_spans; /* in all */
  uint32_t seed;
  bool plain; /* tasks without anything between but short gaps */
} FixtureRunSpec;

FixtureRun *fixture_run_new (const FixtureRunSpec *spec);
/* @run: (nullable) */
void fixture_run_free (FixtureRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureRun, fixture_run_free)

/* Appends a task of a group. */
void fixture_add_task (WeftlineTimelineLane *lane, uint16_t group, int64_t start, int64_t end,
                       WeftOutcome outcome);
void fixture_add (WeftlineTimelineLane *lane, WeftRecordKind kind, int64_t start, int64_t end);

/* A window somewhere in the run, of any size from a nanosecond a pixel on. */
void fixture_random_zoom (const FixtureRun *run, GRand *rand, WeftlineTimelineView *view);

/* What the library's layout finds from the pyramid, found from every span. */
typedef struct
{
  WeftlineTimelineColumn *columns;
  uint64_t *owners; /* span of a rectangle, or NO_SPAN */
} BruteLane;

void brute_lane (const FixtureRun *run, unsigned lane, const WeftlineTimelineView *view, int width,
                 BruteLane *brute);
void brute_lane_clear (BruteLane *brute);
/* A pixel of a lane @height high as it is to be seen, without grid, hatch and strokes through. */
uint32_t brute_color (const WeftlinePalette *palette, const FixtureRun *run,
                      const WeftlineTimelineColumn *column, int y, int height, int scale);
