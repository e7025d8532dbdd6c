/* timeline-annotations.h: what a program said of its run's times, for the task stream
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread's.
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-model.h"

/* @index: the model's */
typedef struct
{
  int64_t at_ns;
  uint32_t index;
} WeftlineTimelineAnnotation;

/* @places: of WeftlineTimelineAnnotation, in the order of time */
typedef struct
{
  GArray *places;
} WeftlineTimelineAnnotations;

void weftline_timeline_annotations_init (WeftlineTimelineAnnotations *self);
void weftline_timeline_annotations_clear (WeftlineTimelineAnnotations *self);
/* Takes in those that are new. O(new), and a sort where they came late. @model: (nullable) */
void weftline_timeline_annotations_take (WeftlineTimelineAnnotations *self, const WeftModel *model);
/* The first that is not before @at_ns; their number if there is none. O(log n) */
unsigned weftline_timeline_annotations_find (const WeftlineTimelineAnnotations *self,
                                             int64_t at_ns);
/* The nearest within @within_ns of @at_ns. Returns: whether there is one */
bool weftline_timeline_annotations_nearest (const WeftlineTimelineAnnotations *self, int64_t at_ns,
                                            int64_t within_ns, unsigned *place);
/* What it says, when, and of what. @wall_ns: as in WeftlineTimelineLook. (transfer full) */
char **weftline_timeline_annotation_words (const WeftModel *model,
                                           const WeftlineTimelineAnnotation *annotation,
                                           WeftlineTimeForm form);
