/* memory-source.h: what a model tells of memory, as the drawings want it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Points of the series are copied as they come: they never change. One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "memory/memory-layout.h"
#include "model/weft-held.h"
#include "model/weft-past.h"

#define WEFTLINE_MEMORY_N_SERIES 5

/**
 * WeftlineMemorySource:
 * @points: of WeftModelPoint
 * @workers: of WeftlineMemoryWorker: by worker
 * @names: of these, then the short ones
 * @worker_of_lane: of uint32_t: index of the worker, or WEFT_NONE
 * @looked_ns, @looked_serial: how far the run was when something came
 */
typedef struct
{
  GArray *points[WEFTLINE_MEMORY_N_SERIES];
  int64_t end_ns;
  GArray *workers;
  GPtrArray *names;
  GArray *worker_of_lane;
  int64_t looked_ns;
  uint64_t looked_serial;
} WeftlineMemorySource;

void weftline_memory_source_init (WeftlineMemorySource *source);
void weftline_memory_source_clear (WeftlineMemorySource *source);
/* Returns: whether anything came, also what workers' results take: as often as a run is measured,
 * but no oftener. */
bool weftline_memory_source_take (WeftlineMemorySource *source, const WeftModel *model,
                                  const WeftModelSnapshot *snapshot);
/* What workers' results take now, or took then. @moment: (nullable) */
void weftline_memory_source_look (WeftlineMemorySource *source, const WeftModel *model,
                                  const WeftModelSnapshot *snapshot, const WeftMoment *moment);
/* What it points to holds until the next take. */
WeftlineMemoryInput weftline_memory_source_input (const WeftlineMemorySource *source);

/**
 * WeftlineHeldBands:
 * @names: (transfer none): of the bands
 *
 * All groups get their slot in their order, so that each has one colour in all views.
 */
typedef struct
{
  WeftlineGroupColors *slots;
  uint32_t n_groups; /* that have one */
  const char *names[WEFT_HELD_MOST_BANDS];
  unsigned slot_of_band[WEFT_HELD_MOST_BANDS];
} WeftlineHeldBands;

void weftline_held_bands_init (WeftlineHeldBands *bands);
void weftline_held_bands_clear (WeftlineHeldBands *bands);
void weftline_held_bands_take (WeftlineHeldBands *bands, const WeftModel *model,
                               const WeftModelSnapshot *snapshot, const WeftHeldSteps *steps);
/* @colors: (out) (array): of the bands */
void weftline_held_bands_color (const WeftlineHeldBands *bands, const WeftHeldSteps *steps,
                                const WeftlinePalette *palette, uint32_t *colors);
/* Above so many bytes results go to disk; 0: never. */
uint64_t weftline_held_threshold (const WeftModel *model);
