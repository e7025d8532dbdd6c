/* event-index.h: what happened in a run, in the order of time, by kind
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Found in a model's spans, errors and settings as they come; 16 bytes an event, whose text is made
 * when it is asked for. One thread's.
 */
#pragma once

#include "canvas/time-scale.h"

#include "model/weft-model.h"

typedef enum
{
  WEFTLINE_EVENT_RUN,        /* states of the run */
  WEFTLINE_EVENT_ERROR,      /* attempts that failed */
  WEFTLINE_EVENT_RETRY,      /* tasks that will be tried again */
  WEFTLINE_EVENT_BREAK,      /* breakpoints that were hit, and steps */
  WEFTLINE_EVENT_SETTING,    /* settings that were made */
  WEFTLINE_EVENT_PAUSE,      /* workers that waited for memory or for the recorder */
  WEFTLINE_EVENT_MEMORY,     /* results that could not be spilled; tasks over the limit */
  WEFTLINE_EVENT_STEAL,      /* tasks that another worker took */
  WEFTLINE_EVENT_NOTE,       /* what the run does not have from its graph */
  WEFTLINE_EVENT_ANNOTATION, /* what a program said of a time */
  WEFTLINE_EVENT_LOG,        /* what was said in words, by a program, a worker or a task */
  WEFTLINE_EVENT_N_KINDS,
} WeftlineEventKind;

/* Those that are listed at first, as bits: steals are not, of which there may be millions, and few
 * who ask. */
#define WEFTLINE_EVENT_FIRST_KINDS \
  (((1u << WEFTLINE_EVENT_N_KINDS) - 1) & ~(1u << WEFTLINE_EVENT_STEAL))

/**
 * WeftlineEvent:
 * @kind: WeftlineEventKind
 * @lane: where the span is, if it is one; of what a worker said, or what is said of it, its own
 * @index: of the span there, of the error, the setting, the note, the annotation or the log
 */
typedef struct
{
  int64_t at_ns;
  uint32_t kind : 8;
  uint32_t lane : 24;
  uint32_t index;
} WeftlineEvent;

/**
 * WeftlineEventFilter:
 * @kinds: bits, 1 << WeftlineEventKind
 * @n_levels: of what was said in words only what is of the first of syslog's levels, the worst:
 *   3 are those down to critical, 4 those down to errors; 0: all
 * @worker: lane of a process: only what is about that worker; 0, which is the run's: all
 *
 * Which events are shown.
 */
typedef struct
{
  uint32_t kinds;
  unsigned n_levels;
  uint32_t worker;
} WeftlineEventFilter;

typedef struct _WeftlineEventIndex WeftlineEventIndex;

/* @model: a reference is taken. All kinds are shown. (transfer full) */
WeftlineEventIndex *weftline_event_index_new (WeftModel *model);
void weftline_event_index_free (WeftlineEventIndex *index);

/**
 * weftline_event_index_update:
 * @n_lanes: of the snapshot
 * @most: how many spans, errors and settings to look at
 *
 * Looks at what has come since the last time. O(looked at), and the events they are among.
 *
 * Returns: whether there is more than was looked at
 */
bool weftline_event_index_update (WeftlineEventIndex *index, uint32_t n_lanes, uint64_t most);

/* O(events) */
void weftline_event_index_set_filter (WeftlineEventIndex *index, const WeftlineEventFilter *filter);
/* (transfer none) */
const WeftlineEventFilter *weftline_event_index_filter (WeftlineEventIndex *index);

/* How many there are, of all kinds; of one; of those that are shown. */
uint32_t weftline_event_index_n (WeftlineEventIndex *index);
uint32_t weftline_event_index_n_of (WeftlineEventIndex *index, WeftlineEventKind kind);
uint32_t weftline_event_index_n_shown (WeftlineEventIndex *index);
/* How many there were by a moment, of all kinds; of those that are shown: O(log events). Of one
 * kind: O(events). INT64_MAX: all */
uint32_t weftline_event_index_n_until (WeftlineEventIndex *index, int64_t at_ns);
uint32_t weftline_event_index_n_shown_until (WeftlineEventIndex *index, int64_t at_ns);
uint32_t weftline_event_index_n_of_until (WeftlineEventIndex *index, WeftlineEventKind kind,
                                          int64_t at_ns);
/* The first of those shown that is new or elsewhere since this was last asked; their number if none
 * is. */
uint32_t weftline_event_index_take_changed (WeftlineEventIndex *index);
/* @at: below weftline_event_index_n_shown(). (transfer none): until the next update */
const WeftlineEvent *weftline_event_index_get (WeftlineEventIndex *index, uint32_t at);

/* The level of what was said in words; of errors and lost workers as syslog would have it; of all
 * else 6, information. */
unsigned weftline_event_level (const WeftModel *model, const WeftlineEvent *event);
/* The lane of the process of the worker it is about; WEFT_NONE: none. */
uint32_t weftline_event_worker (const WeftModel *model, const WeftlineEvent *event);
/* The task it is about; WEFT_NONE: none */
uint32_t weftline_event_task (const WeftModel *model, const WeftlineEvent *event);
/* One line. (transfer full) */
char *weftline_event_dup_text (const WeftModel *model, const WeftlineEvent *event);
/* “12 of 40 events”. (transfer full) */
char *weftline_event_count_text (uint64_t n, uint64_t n_all);
/* All that was said, where the line is only its beginning. (transfer full) */
char *weftline_event_dup_whole (const WeftModel *model, const WeftlineEvent *event);
/* “Steals”. (transfer none) */
const char *weftline_event_kind_title (WeftlineEventKind kind);
