/* weft-model-private.h: the parts of a model
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread writes: the one that feeds frames. Fields without a word are its own; readers see only
 * atomics, and what is published by them. A second thread, made when it is needed, decodes large
 * graphs (segments.c); it touches nothing of the model but its jobs.
 *
 * Tasks are columns in pages of WEFT_TASK_PAGE, made when a segment's pieces tell of the tasks; so
 * a file that announces more tasks than it tells of costs no memory.
 */
#pragma once

#include "graph/weft-graph-codec.h"
#include "model/weft-model.h"
#include "model/weft-spans-private.h"

#define WEFT_TASK_PAGE 4096u
#define WEFT_GROUP_OTHER 0xfffeu /* all groups beyond those that have a number of their own */
#define WEFT_MODEL_MAX_SEGMENTS (1u << 26)
#define WEFT_MODEL_MAX_LANES (1u << 24)

/* A task's last span is found in 4 bytes: the spans of a lane are stretches of so many, which have
 * numbers of their own as soon as a task's last span is in them. */
#define WEFT_STRETCH_SHIFT 6
#define WEFT_STRETCH (1u << WEFT_STRETCH_SHIFT)
#define WEFT_MODEL_MAX_STRETCHES ((1u << (32 - WEFT_STRETCH_SHIFT)) - 1)

typedef struct
{
  uint32_t lane;
  uint32_t number; /* of the lane's: the spans from number * WEFT_STRETCH on */
} WeftStretch;

/* What is kept of a task in a byte: its state, flags, and how often it was tried. */
#define WEFT_TASK_STATE_MASK 0x07
#define WEFT_TASK_ENDED 0x08    /* nothing more will come of it, but perhaps from its stand-in */
#define WEFT_TASK_CONSUMED 0x10 /* its inputs' readers were counted down */
#define WEFT_TASK_REPLACED 0x20 /* a segment stands in for it */
#define WEFT_TASK_TRIED 0x40    /* once */
#define WEFT_TASK_RETRIED 0x80  /* more often: the page's attempts tell */

/* Tasks come by groups and are mostly tried once: a page has columns of groups and of attempts only
 * where that is not so. */
typedef struct
{
  /* atomic: release after the span is published; stretch << 6 | span in it, + 1; 0: none */
  _Atomic uint32_t places[WEFT_TASK_PAGE];
  _Atomic uint8_t states[WEFT_TASK_PAGE]; /* atomic: relaxed; the writer alone changes them */
  _Atomic (_Atomic uint16_t *) groups;    /* (nullable) atomic: release; items relaxed */
  _Atomic (_Atomic uint16_t *) attempts;  /* likewise; items saturate */
  uint16_t group; /* of the first n_alike, where there is no column; immutable once these are any */
  _Atomic uint32_t n_alike; /* atomic: release after group */
} WeftTaskPage;

/* Tasks that came together: first … first + n - 1 of the model are number … of the segment. */
typedef struct
{
  uint32_t first, n;
  uint32_t segment, number;
  _Atomic uint32_t next; /* atomic: release/acquire; the segment's next range, + 1; 0: none */
} WeftTaskRange;

typedef struct _WeftModelSegment WeftModelSegment;

/* Where the value of an import comes from. */
typedef struct
{
  WeftModelSegment *segment; /* (nullable): unknown */
  uint32_t slot;
} WeftImportSource;

/* A graph that this process has, as what its file will tell it. */
typedef struct
{
  WeftGraph *graph; /* (nullable): none is expected */
  uint64_t run_tag;
  uint32_t segment;
} WeftExpectedGraph;

typedef struct _WeftGraphJob WeftGraphJob;
typedef struct _WeftDecoder WeftDecoder;

struct _WeftModelSegment
{
  /* immutable once published */
  uint32_t number;
  uint32_t first_range;
  uint32_t parent; /* the model's task, or WEFT_NONE */
  /* atomic: relaxed; of a run that is observed, when it was told of. INT64_MIN: with the run's
   * begin; INT64_MAX: that is not known yet */
  _Atomic int64_t told_ns;
  /* published with the graph */
  _Atomic (WeftGraph *) graph; /* atomic: release by whoever decoded it */
  /* owner: writer */
  uint32_t first;   /* the model's number of task 0 */
  uint32_t n_tasks; /* announced */
  uint32_t n_told;
  uint32_t n_ended;
  uint32_t last_range;
  uint32_t n_ranges;
  uint32_t next_piece;
  uint32_t n_passed; /* of a segment that was taken: tasks its pieces were of so far */
  bool open, complete, broken, counted, finished;
  bool taken;       /* its graph was known: its pieces are passed over */
  bool begun;       /* what of its tasks needs nothing may start */
  uint16_t *groups; /* the model's, by the segment's */
  uint32_t *n_left; /* by the segment's group: announced and not told of yet */
  uint32_t n_groups;
  GByteArray *kept; /* (nullable): of an open segment: its pieces so far, to be decoded anew */
  GArray *kept_ends;
  WeftGraphJob *job; /* (nullable): while it is decoded */
  /* when counted */
  const WeftGraphArrays *arrays;
  uint32_t n_slots;
  uint8_t *readers;         /* of each slot, then of each import, that have not ended: readers.c */
  GHashTable *more_readers; /* (nullable) */
  WeftImportSource *sources;
  /* ready.c: what its tasks wait for */
  uint8_t *missing;     /* (nullable): of each task: how much of what it needs was never there */
  GHashTable *needs;    /* (nullable): task → how many of its needs are there, in a row */
  GArray *importers;    /* (nullable): segments that read results of this one */
  uint32_t *readers_of; /* of each slot: the last of them that reads it, + 1; 0: none */
  uint32_t n_readers_of;
  uint32_t n_counts; /* how often it was counted */
};

typedef struct
{
  const char *name;
  _Atomic uint32_t n_tasks; /* atomics: relaxed */
  _Atomic uint32_t n_states[WEFT_TASK_N_STATES];
  _Atomic int64_t busy_ns;
  _Atomic int64_t longest_ns;
  _Atomic uint64_t n_ended;
  _Atomic uint64_t live_bytes;
} WeftModelGroupData;

/* What many tasks in a row, of one group, change in the counters of the model and of the group. */
typedef struct
{
  uint16_t group;                        /* or WEFT_NO_GROUP */
  uint32_t n_states[WEFT_TASK_N_STATES]; /* differences, as the next two */
  uint64_t n_ended;
  uint64_t live_bytes;
  int64_t busy_ns;
  int64_t longest_ns;
} WeftTally;

/* A piece of a clock's map, and what makes it fast. */
typedef struct
{
  WeftRunClock clock;
  uint64_t n_ticks;           /* from the anchor on, for which the others are good; 0: none */
  uint64_t whole_ns, part_ns; /* of a tick: and 2^-64 of one */
} WeftClockPiece;

typedef struct
{
  GArray *pieces; /* WeftClockPiece, by the stamps they hold from */
} WeftClockDomain;

#define WEFT_CLOCK_NS_PER_SECOND UINT64_C (1000000000)
/* A year and a bit: nothing is farther away. Sums of such lengths do not overflow. */
#define WEFT_CLOCK_FAR_NS (INT64_C (1) << 55)

/* The stamps from … from + n - 1 go by this piece. Zeroed: none. */
typedef struct
{
  const WeftClockPiece *piece;
  uint64_t from, n;
  int64_t offset_ns, origin_ns;
} WeftClockReach;

/* A seqlock as WeftNowSlot is: fields are stored with release and loaded with acquire. */
typedef struct
{
  _Atomic uint32_t sequence;
  _Atomic uint32_t task;
  _Atomic uint32_t what; /* group | kind << 16 */
  _Atomic uint32_t attempt;
  _Atomic int64_t start_ns;
  _Atomic int64_t seen_ns;
} WeftModelNowSlot;

/* What a point told of a task. */
typedef struct
{
  int64_t at_ns;
  uint32_t task;
  uint8_t kind;  /* WeftRecordKind */
  uint8_t state; /* of STATE: WeftModelState */
} WeftTaskPoint;

/* What a detail says of a span; in the order of spans. */
typedef struct
{
  uint64_t span;
  uint64_t kind : 8;
  uint64_t amount : 48;
} WeftSpanDetail;

/* A task that could be started but for its next attempt's delay, or a resource, of which records
 * tell when it is over: until then it is queued. */
typedef struct
{
  int64_t since_ns; /* INT64_MIN: since it was ready */
  uint32_t task;
  bool is_retry;
} WeftTaskWait;

typedef struct
{
  int64_t start_ns;
  _Atomic int64_t stop_ns; /* atomic: relaxed */
} WeftLaneVisit;

typedef struct
{
  WeftBlocks points;  /* WeftModelPoint */
  _Atomic uint64_t n; /* atomic: release */
  int64_t last_ns;
} WeftSeriesData;

typedef struct
{
  WeftModelLane info;
  char *name;
  WeftSpans *spans;
  uint32_t number;
  uint32_t domain;
  uint64_t watermark;
  uint64_t last_ticks; /* of the end of the last span at depth 0, and what it was made */
  int64_t last_ns;
  uint64_t target_span; /* index + 1 of the span of the last record that was no detail; 0: none */
  uint64_t stretch_end; /* of the last stretch that has a number: the span behind it */
  uint32_t stretch;     /* its number */
  WeftBlocks details;   /* WeftSpanDetail */
  _Atomic uint64_t n_details;  /* atomic: release */
  WeftBlocks visits;           /* WeftLaneVisit */
  _Atomic uint32_t n_visits;   /* atomic: release */
  uint32_t target;             /* task of the last record that was no detail, or WEFT_NONE */
  _Atomic uint64_t live_bytes; /* atomics: relaxed; of results that its tasks made */
  _Atomic uint64_t spilled_bytes;
  uint64_t now_start;
  uint8_t now_kind; /* of the slot; 0: empty */
  uint32_t now_task;
  _Atomic (WeftSeriesData *) series; /* WEFT_N_SERIES of them; NULL: nothing was measured of it.
                                        atomic: release */
  WeftModelNowSlot now;
  WeftNowEntry told;     /* as its last entry in a NOW frame says */
  uint64_t told_changed; /* which NOW frame was the first to say so; 0: none */
} WeftModelLaneData;

/* An attempt that passed its deadline, whose lane has not told all that came before it. */
typedef struct
{
  uint32_t lane;
  uint32_t task;
  uint64_t attempt;
  WeftSpan span;
  uint64_t start; /* ticks */
} WeftExpired;

typedef struct
{
  WeftModelErrorText text;
  char *bytes;
} WeftModelErrorData;

/* A series that a foreign program measured. */
typedef struct
{
  WeftModelCounter info;
  char *name, *unit;
  WeftSeriesData data;
} WeftCounterData;

/* What a program took that an attempt at a task started. */
typedef struct
{
  uint32_t segment, number;
  uint32_t attempt;
  int64_t cpu_ns;
} WeftChildCpu;

/* A task of a segment. */
typedef struct
{
  WeftModelSegment *segment;
  uint32_t number;
} WeftSlotPlace;

struct _WeftModel
{
  _Atomic int refs;
  /* the run */
  _Atomic (char *) name;            /* atomic: release; set once */
  _Atomic (char *) file;            /* likewise */
  _Atomic (WeftModelNotes *) notes; /* likewise */
  _Atomic int64_t wall_ns;          /* atomics below: relaxed unless said otherwise */
  _Atomic uint64_t memory_limit;
  _Atomic uint32_t phase;
  int64_t origin_ns;
  bool has_origin;
  bool finished;
  bool has_begun;     /* the run told so */
  bool is_whole;      /* what comes is of a file that is complete: its end is what is asked for */
  GPtrArray *domains; /* (nullable) WeftClockDomain by number */
  GHashTable *far_domains;
  /* tables */
  WeftBlocks lanes;       /* WeftModelLaneData * */
  WeftBlocks segments;    /* _Atomic (WeftModelSegment *) by number */
  WeftBlocks pages;       /* _Atomic (WeftTaskPage *) */
  WeftBlocks ranges;      /* WeftTaskRange */
  WeftBlocks stretches;   /* WeftStretch; read behind a task's place */
  WeftBlocks groups;      /* WeftModelGroupData */
  WeftBlocks strings;     /* char * by id */
  WeftBlocks errors;      /* WeftModelErrorData */
  WeftBlocks logs;        /* WeftModelLog */
  WeftBlocks settings;    /* WeftModelSetting */
  WeftBlocks annotations; /* WeftModelAnnotation */
  WeftBlocks links;       /* WeftModelLink, as they were told */
  WeftBlocks points;      /* WeftTaskPoint */
  WeftBlocks waits;       /* WeftTaskWait */
  WeftBlocks children;    /* WeftChildCpu */
  WeftSeriesData series[WEFT_N_SERIES];
  WeftBlocks counters;                                               /* WeftCounterData * */
  _Atomic uint32_t n_counters;                                       /* atomic: release */
  _Atomic uint32_t n_lanes, n_groups, n_strings, n_errors, n_ranges; /* atomic: release */
  _Atomic uint32_t n_settings, n_annotations, n_links;               /* atomic: release */
  _Atomic uint64_t n_logs, n_points, n_waits, n_children;            /* atomic: release */
  _Atomic uint32_t n_segments, n_tasks;                              /* atomic: release */
  _Atomic uint32_t n_states[WEFT_TASK_N_STATES];
  _Atomic uint64_t n_spans, n_dropped, n_changes, serial;
  _Atomic int64_t complete_ns, last_ns, begin_ns, end_ns;
  _Atomic bool is_observed; /* some lanes are those of another program */
  /* owner: writer */
  WeftArena *arena; /* of spans and tasks */
  uint32_t n_stretches;
  GHashTable *group_numbers;  /* name → number + 1 */
  GHashTable *counter_series; /* as its frame numbers it → counter and scale, in counters.c */
  GHashTable *counter_names;  /* “lane name” → number + 1 */
  double sums[WEFT_N_SERIES]; /* of what was measured last in each lane */
  const WeftModelLaneData *sampled[WEFT_N_SERIES]; /* the first lane of which it was measured */
  bool sampled_many[WEFT_N_SERIES];                /* of others, too */
  GHashTable *late_needs;      /* (nullable): task + 1 → in links.c: what links say it needs */
  GHashTable *late_readers;    /* (nullable): likewise, the way back */
  GHashTable *releases;        /* (nullable): task + 1 → when RELEASED was told of it last */
  GHashTable *stand_ins;       /* parent task + 1 → WeftModelSegment */
  GHashTable *slot_notes;      /* uint64_t segment << 32 | slot, in the value → results.c */
  GPtrArray *decoding;         /* WeftModelSegment: the graph is awaited */
  GPtrArray *old_graphs;       /* WeftGraph: superseded */
  GQueue held;                 /* WeftRunFrame: records of tasks of which nothing was told yet */
  GQueue held_texts;           /* WeftRunFrame: LOG and ERROR before what they refer to */
  GPtrArray *to_finish;        /* WeftModelSegment: all its tasks ended, its parent is to be told */
  GHashTable *workers;         /* parent lane << 32 | worker → how many lanes */
  GArray *expired;             /* WeftExpired */
  uint64_t n_nows;             /* NOW frames so far */
  uint32_t n_dated;            /* segments that were there with one of them */
  int64_t now_ns, last_now_ns; /* stamps of the last one, and of the one before */
  bool has_views;              /* results that hold their inputs' buffers were seen */
  bool took_back;              /* a result that was there is not any more */
  GArray *gone;                /* WeftSlotPlace: tasks whose results went just now → results.c */
  WeftExpectedGraph expected;
  WeftDecoder *decoder;          /* (nullable) */
  _Atomic bool decode_cancelled; /* atomic: relaxed; set by any thread */
  GError *late_error;            /* (nullable): of a graph that was decoded beside */
};

/* ---- small things ---------------------------------------------------------------------------- */

#define _weft_get(counter) atomic_load_explicit (&(counter), memory_order_relaxed)
#define _weft_set(counter, value) atomic_store_explicit (&(counter), (value), memory_order_relaxed)
/* The writer is the only one that writes. */
#define _weft_add(counter, n) _weft_set (counter, _weft_get (counter) + (n))

/* With its payload. */
WeftRunFrame *_weft_frame_copy (const WeftRunFrame *frame);
void _weft_frame_free (void *frame);

bool _weft_model_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static inline WeftModelLaneData *
_weft_model_lane (const WeftModel *model, uint32_t lane)
{
  return *(WeftModelLaneData **) _weft_blocks_get (&model->lanes, lane, sizeof (void *));
}

static inline WeftModelGroupData *
_weft_model_group (const WeftModel *model, uint16_t group)
{
  return _weft_blocks_get (&model->groups, group, sizeof (WeftModelGroupData));
}

static inline WeftTaskRange *
_weft_model_range (const WeftModel *model, uint32_t range)
{
  return _weft_blocks_get (&model->ranges, range, sizeof (WeftTaskRange));
}

/* (nullable): NULL when there is none of that number. Any thread. */
WeftModelSegment *_weft_model_segment (const WeftModel *model, uint32_t number);
/* (nullable): NULL while nothing was told of its tasks. Any thread. */
static inline WeftTaskPage *
_weft_model_page (const WeftModel *model, uint32_t task)
{
  _Atomic (WeftTaskPage *) *place =
      _weft_blocks_peek (&model->pages, task / WEFT_TASK_PAGE, sizeof *place);

  return place != NULL ? atomic_load_explicit (place, memory_order_acquire) : NULL;
}

/* The model's number of a segment's task; WEFT_NONE: not announced. Any thread. */
uint32_t _weft_segment_task (const WeftModel *model, const WeftModelSegment *segment,
                             uint32_t number);
/* The same, of a number that is there. */
static inline uint32_t
_weft_task_at (const WeftModel *model, const WeftModelSegment *segment, uint32_t number)
{
  return WEFT_LIKELY (segment->n_ranges == 1) ? segment->first + number
                                              : _weft_segment_task (model, segment, number);
}

/* The segment's number of a task, and its segment. Any thread. */
uint32_t _weft_model_number (const WeftModel *model, uint32_t task, uint32_t *segment);

/* ---- clocks.c -------------------------------------------------------------------------------- */

void _weft_model_add_clock (WeftModel *model, const WeftRunClock *clock);
bool _weft_model_has_clock (const WeftModel *model, uint32_t domain);
/* Nanoseconds since the run's start; the first stamp asked for becomes that. */
int64_t _weft_model_ns (WeftModel *model, uint32_t domain, uint64_t ticks);
void _weft_clock_domain_free (void *domain);
/* What weft_clock_ticks_to_ns() says, without dividing. */
int64_t _weft_clock_piece_ns (const WeftClockPiece *piece, uint64_t ticks);
void _weft_clock_piece_init (WeftClockPiece *piece, const WeftRunClock *clock);
/* Where the piece reaches that the stamp goes by, if it does; n is 0 where the stamp must be asked
 * for by itself. Good until a clock's map is added. */
void _weft_clock_reach (const WeftModel *model, uint32_t domain, uint64_t ticks,
                        WeftClockReach *reach);

/* From the anchor on; below n_ticks. */
static inline uint64_t
_weft_clock_distance_ns (const WeftClockPiece *piece, uint64_t distance)
{
  uint64_t frequency = piece->clock.map.ticks_per_second;
  uint64_t ns =
      distance * piece->whole_ns + (uint64_t) ((unsigned __int128) distance * piece->part_ns >> 64);
  uint64_t left = distance * WEFT_CLOCK_NS_PER_SECOND + frequency / 2 - ns * frequency;

  for (; left >= frequency; left -= frequency)
    ns++;
  return ns;
}

/* What _weft_model_ns() says of a stamp within reach. */
static inline int64_t
_weft_clock_reach_ns (const WeftClockReach *reach, uint64_t ticks)
{
  const WeftClockMap *map = &reach->piece->clock.map;
  int64_t mono_ns = map->anchor_mono_ns
                    + (int64_t) _weft_clock_distance_ns (reach->piece, ticks - map->anchor_ticks);
  int64_t axis_ns = MIN (mono_ns, INT64_MAX / 4) + reach->offset_ns;

  return CLAMP (axis_ns - reach->origin_ns, -WEFT_CLOCK_FAR_NS, WEFT_CLOCK_FAR_NS);
}

/* ---- model.c --------------------------------------------------------------------------------- */

/* No more is read of a run that goes on: what waited for more is taken as it is. */
void _weft_model_settle (WeftModel *model);

/* ---- groups.c -------------------------------------------------------------------------------- */

uint16_t _weft_model_add_group (WeftModel *model, const char *name);

/* ---- segments.c ------------------------------------------------------------------------------ */

bool _weft_model_add_segment (WeftModel *model, const WeftRunFrame *frame, GError **error);
void _weft_model_clear_expected (WeftModel *model);
/* Takes in the graphs that were decoded meanwhile; @wait: all of them, also as far as they go. */
void _weft_model_take_graphs (WeftModel *model, bool wait);
void _weft_model_stop_decoder (WeftModel *model);
void _weft_model_segment_free (WeftModelSegment *segment);

/* ---- tasks.c --------------------------------------------------------------------------------- */

void _weft_model_grow_tasks (WeftModel *model, uint32_t first, uint32_t n, uint16_t group);
void _weft_task_set_state (WeftModel *model, uint32_t task, WeftModelState state);

/* It has ended with a result, which may have been let go of since. */
static inline bool
_weft_state_went_well (WeftModelState state)
{
  return state == WEFT_TASK_MEMORY || state == WEFT_TASK_RELEASED;
}

void _weft_task_set_attempts (WeftModel *model, uint32_t task, uint64_t attempts);
/* That span of the lane is the last of the task; the indices asked for never go back. */
void _weft_task_set_place (WeftModel *model, uint32_t task, WeftModelLaneData *lane,
                           uint64_t index);
/* Whether there is a number for the stretch that the span is in. */
bool _weft_lane_reach_stretch (WeftModel *model, WeftModelLaneData *lane, uint64_t index);

static inline void
_weft_task_page_set_place (WeftTaskPage *page, uint32_t i, const WeftModelLaneData *lane,
                           uint64_t index)
{
  uint32_t place = (lane->stretch << WEFT_STRETCH_SHIFT | (uint32_t) (index % WEFT_STRETCH)) + 1;

  atomic_store_explicit (&page->places[i], place, memory_order_release);
}
/* Adds up to what the counters have, and is empty again. */
void _weft_tally_flush (WeftModel *model, WeftTally *tally);
/* Of this group from now on. */
static inline void
_weft_tally_turn (WeftModel *model, WeftTally *tally, uint16_t group)
{
  if (WEFT_LIKELY (tally->group == group))
    return;
  _weft_tally_flush (model, tally);
  tally->group = group;
}

/* Where the stretch's spans are: from @first of @lane on. Any thread. */
static inline void
_weft_model_stretch (const WeftModel *model, uint32_t number, uint32_t *lane, uint64_t *first)
{
  const WeftStretch *stretch = _weft_blocks_get (&model->stretches, number, sizeof *stretch);

  *lane = stretch->lane;
  *first = (uint64_t) stretch->number << WEFT_STRETCH_SHIFT;
}

/* What the page has beside the arena. (nullable) */
void _weft_task_page_clear (WeftTaskPage *page);

/* The group of a task in a page, or of one to come. Any thread. */
static inline uint16_t
_weft_task_page_group (const WeftTaskPage *page, uint32_t i)
{
  const _Atomic uint16_t *groups = atomic_load_explicit (&page->groups, memory_order_acquire);

  if (groups != NULL)
    return _weft_get (groups[i]);
  return i < atomic_load_explicit (&page->n_alike, memory_order_acquire) ? page->group
                                                                         : WEFT_NO_GROUP;
}

/* The flags of a task whose page is there. The writer's thread. */
static inline uint8_t
_weft_task_flags (const WeftModel *model, uint32_t task)
{
  return _weft_get (_weft_model_page (model, task)->states[task % WEFT_TASK_PAGE]);
}

static inline void
_weft_task_set_flags (WeftModel *model, uint32_t task, uint8_t flags)
{
  _Atomic uint8_t *state = &_weft_model_page (model, task)->states[task % WEFT_TASK_PAGE];

  _weft_set (*state, _weft_get (*state) | flags);
}

static inline void
_weft_task_clear_flags (WeftModel *model, uint32_t task, uint8_t flags)
{
  _Atomic uint8_t *state = &_weft_model_page (model, task)->states[task % WEFT_TASK_PAGE];

  _weft_set (*state, _weft_get (*state) & (uint8_t) ~flags);
}

/* ---- readers.c: who still reads a result ----------------------------------------------------- */

/* In a segment's `readers`: it was let go of. */
#define WEFT_SLOT_GONE UINT8_MAX

/* The segment's graph is there: counts the readers of each result, and those that have ended. */
void _weft_segment_count (WeftModel *model, WeftModelSegment *segment);
/* The task has ended in this state; its place is set. */
void _weft_task_end (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
                     WeftModelState state);
/* Of a segment that is counted: whether its tasks have one result each, of which nothing is known
 * but its readers. */
bool _weft_segment_is_simple (const WeftModel *model, const WeftModelSegment *segment);
/* What a plain task that ends changes of others': of those whose results go with it, and of those
 * that can start then; told when many have ended. */
typedef struct
{
  WeftTally released, queued;
} WeftTallies;

/* _weft_task_consume() of a task of a simple segment. */
void _weft_task_consume_simply (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                                WeftTallies *tallies);
/* The task, which has ended before, has ended well at that time. */
void _weft_task_end_again (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                           uint32_t task, int64_t at_ns);
/* The task reads its inputs no more; its segment is counted. */
void _weft_task_consume (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                         uint32_t task);
/* The task's last attempt is there. */
void _weft_task_move (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
                      WeftModelLaneData *lane, uint64_t index);
/* The run has ended without it: it is cancelled, and what it would have read stays where it is. */
void _weft_task_give_up (WeftModel *model, WeftModelSegment *segment, uint32_t task);
/* The task returned a graph, which stands in for it. */
void _weft_task_replace (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                         uint32_t task);
/* An output of several was so large, which a task in that lane made. */
void _weft_task_output (WeftModel *model, WeftModelSegment *segment, uint32_t slot, uint64_t bytes,
                        uint32_t lane);
/* The result went to disk, or came back; the segment is counted. */
void _weft_slot_move (WeftModel *model, const WeftModelSegment *segment, uint32_t slot, bool away);
/* Freed otherwise than with its last reader. */
void _weft_slot_release (WeftModel *model, WeftModelSegment *segment, uint32_t slot);
/* The point that tells so of a task's first result was kept. */
void _weft_task_note_release (WeftModel *model, uint32_t task, int64_t at_ns);
/* Tells parents of segments all of whose tasks have ended. */
void _weft_model_finish_parents (WeftModel *model);

/* ---- results.c ------------------------------------------------------------------------------- */

/* Which task's output a slot is; the segment is counted. */
uint32_t _weft_slot_task (const WeftModelSegment *segment, uint32_t slot);

/* ---- ready.c: which tasks could be started --------------------------------------------------- */

/* The task has ended well. @tallies: (nullable): what it changes is added there */
void _weft_ready_after (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                        WeftTallies *tallies);
/* The segment is counted: its graph is there. */
void _weft_ready_count (WeftModel *model, WeftModelSegment *segment);
/* Its tasks may start. */
void _weft_ready_begin (WeftModel *model, WeftModelSegment *segment);
void _weft_ready_clear (WeftModelSegment *segment);
/* The task is queued, and waits from then on; INT64_MIN: since it was ready. */
void _weft_ready_wait (WeftModel *model, uint32_t task, int64_t since_ns, bool is_retry);

/* ---- links.c --------------------------------------------------------------------------------- */

/* The task needs the other. Tasks whose pages are there. */
void _weft_model_add_link (WeftModel *model, uint32_t task, uint32_t needs);
/* Whether all is there that links say the task needs. The place of the first that was not is kept:
 * unless a result was taken back, all looks together go through them once. */
bool _weft_late_is_there (const WeftModel *model, uint32_t task);
/* (nullable): of uint32_t: the tasks that need it, as links say */
const GArray *_weft_late_readers (const WeftModel *model, uint32_t task);
/* The first of sorted links that is of the task or a later one. */
uint32_t _weft_links_find (const WeftModelLink *links, uint32_t n, uint32_t task);

/* ---- ingest.c -------------------------------------------------------------------------------- */

bool _weft_model_add_records (WeftModel *model, const WeftRunFrame *frame, GError **error);
/* Records that were held back and need not be any more; @all: whatever they need. */
void _weft_model_release_held (WeftModel *model, bool all);

/* ---- now.c ----------------------------------------------------------------------------------- */

bool _weft_model_add_now (WeftModel *model, const WeftRunFrame *frame, GError **error);
void _weft_lane_set_now (WeftModelLaneData *lane, uint8_t kind, uint32_t task, uint32_t group,
                         uint32_t attempt, int64_t start_ns, int64_t seen_ns);
void _weft_lane_clear_now (WeftModelLaneData *lane);
void _weft_model_update_complete (WeftModel *model);
void _weft_model_saw (WeftModel *model, int64_t at_ns);
/* An attempt has passed its deadline: its span comes into the lane when that is up to date. */
void _weft_model_expire (WeftModel *model, const WeftExpired *expired);
/* Those whose lane is; @all: anyway. */
void _weft_model_end_expired (WeftModel *model, bool all);

/* ---- series.c, counters.c, texts.c ----------------------------------------------------------- */

void _weft_model_sample (WeftModel *model, WeftModelLaneData *lane, const WeftRecord *record,
                         int64_t start_ns, int64_t end_ns);
/* A process's own limit of memory. */
void _weft_model_lane_limit (WeftModel *model, WeftModelLaneData *lane, uint64_t n_bytes);
/* The process is gone: it has nothing any more. */
void _weft_model_lane_gone (WeftModel *model, WeftModelLaneData *lane, int64_t at_ns);
void _weft_series_append (WeftSeriesData *series, int64_t at_ns, double value);
WeftModelPoint _weft_series_get (const WeftSeriesData *series, uint64_t index);
/* WORKERS or LIMIT is this from then on. */
void _weft_model_set (WeftModel *model, WeftModelSeries series, int64_t at_ns, uint64_t value);
/* SERIES, and a record COUNTER of one. */
bool _weft_model_add_counter (WeftModel *model, const WeftRunFrame *frame, GError **error);
void _weft_model_count (WeftModel *model, const WeftRecord *record, int64_t at_ns);
void _weft_counter_free (WeftCounterData *counter);
/* LOG and ERROR. */
bool _weft_model_add_text (WeftModel *model, const WeftRunFrame *frame, GError **error);
/* Those that were held back, as far as what they refer to is there; @all: anyway. */
void _weft_model_release_texts (WeftModel *model, bool all);

/* ---- facts.c --------------------------------------------------------------------------------- */

/* What programs used that a task started; other facts are no concern of the model's. */
bool _weft_model_add_facts (WeftModel *model, const WeftRunFrame *frame, GError **error);

/* ---- notes.c --------------------------------------------------------------------------------- */

/* What META says of what was left out or assumed; once. */
void _weft_model_add_notes (WeftModel *model, const WeftRunText *meta);
void _weft_model_free_notes (WeftModelNotes *notes);
