/* weft-account-private.h: the parts of an account of time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A row is a lane of a worker, or a worker that was asked for and never called. Up to `covered_ns`
 * its time is accounted for in `ns`; what is behind may still change, is worked out anew each time,
 * and stands in `tail_ns`.
 *
 * Idle times are kept, as what they are is told later: by the task that comes next, and by waits
 * that are recorded when they end. An idle time is then taken out of the sums and put in again.
 */
#pragma once

#include "model/weft-account.h"

/* Times at which idling has a reason, the strongest first. */
typedef enum
{
  REASON_PAUSED,
  REASON_RESOURCE,
  REASON_RETRY,
  N_REASONS,
} IdleReason;

typedef struct
{
  int64_t start_ns, end_ns;
} TimePiece;

/**
 * Idle:
 * @ready_ns: when @next became ready; while that is not known, when it started, or INT64_MAX
 * @next: the task that the lane ran next, or WEFT_NONE
 * @awaited: the dependency of @next that ended last, or WEFT_NONE
 */
typedef struct
{
  int64_t start_ns, end_ns;
  int64_t ready_ns;
  uint32_t next;
  uint32_t awaited;
} Idle;

typedef struct
{
  uint32_t number; /* in account->rows */
  uint32_t lane;   /* or WEFT_NONE */
  WeftModelLane info;
  uint32_t worker;
  bool first;         /* no other lane of this worker came before */
  bool ended;         /* nothing comes any more */
  bool has_spans;     /* by which it is there, if it has no visits */
  bool is_foreign;    /* nobody records what it does between tasks */
  int64_t came_ns;    /* of a foreign one's process, as far as is known */
  int64_t went_ns;    /* likewise */
  uint64_t cursor;    /* the next span */
  int64_t covered_ns; /* accounted for up to here */
  int64_t blocked_ns; /* of BLOCKED spans in the task that comes, as far as they count */
  uint32_t visit;     /* the first that ends after covered_ns */
  GArray *idles;      /* Idle */
  guint n_followed;   /* of them: which task comes next is known */
  guint n_resolved;   /* of them: what was awaited is known */
  int64_t ns[WEFT_TIME_N_USES];
  int64_t tail_ns[WEFT_TIME_N_USES];
} Row;

struct _WeftTimeAccount
{
  WeftModel *model;
  GPtrArray *rows;     /* Row, as they came */
  GArray *order;       /* guint: rows by worker */
  GHashTable *workers; /* worker + 1 → Row */
  GArray *controls;    /* Control */
  GArray *besides;     /* Control: lanes of no thread */
  int64_t beside_ns[WEFT_BESIDE_N];
  GArray *reasons[N_REASONS]; /* TimePiece, apart and in the order of time */
  GHashTable *awaited;        /* Waits, by row and group */
  uint32_t n_lanes;
  uint64_t n_worker_points;
  bool has_begun;
  bool begin_is_told; /* else it was taken for granted */
  bool is_over;       /* nothing comes any more */
  bool is_part;       /* of the time */
  int64_t from_ns;    /* what counts: */
  int64_t to_ns;      /* up to there */
  int64_t begin_ns;   /* of the run */
  int64_t end_ns;     /* INT64_MAX: not yet */
  int64_t told_ns;    /* up to here everything is there */
  int64_t paused_ns;  /* since when; INT64_MAX: it is not */
  int64_t newest_ns;  /* the latest covered_ns */
  uint64_t n_left;    /* of the limit */
  GArray *waits;      /* WeftTaskWait: that go on, as far as is known */
  uint64_t n_waits;   /* of the model's that were looked at */
  GArray *parts;      /* TimePiece: scratch */
  uint32_t n_links;   /* of the model's that are in links */
  uint32_t n_links_seen;
  uint32_t n_sorted;
  WeftModelLink *links; /* (nullable): n_sorted, by task */
};

/* What counts of that time. */
static inline int64_t
_weft_account_counted (const WeftTimeAccount *account, int64_t x, int64_t y)
{
  return MAX (MIN (y, account->to_ns) - MAX (x, account->from_ns), 0);
}

/* ---- account-row.c --------------------------------------------------------------------------- */

/* By the kind of a record. */
WeftTimeUse _weft_account_use_of (uint8_t kind);
/* The visit that ends after a moment, or begins then, from @i on. Returns: FALSE: there is none any
 * more */
bool _weft_account_find_visit (const WeftTimeAccount *account, const Row *row, uint32_t *i,
                               int64_t at_ns, WeftModelVisit *visit);
/* Takes in what is told of the lane for good. */
void _weft_account_take_row (WeftTimeAccount *account, Row *row);
/* A worker that nobody has called sleeps on. */
void _weft_account_take_absent (WeftTimeAccount *account, Row *row);
/* What may still change, behind that. */
void _weft_account_take_tail (WeftTimeAccount *account, Row *row);

/* ---- account-idle.c -------------------------------------------------------------------------- */

/* The part of an idle time from x to y comes into sums, or goes out of them (sign -1). */
void _weft_account_idle_part (WeftTimeAccount *account, Row *row, const Idle *idle, int64_t x,
                              int64_t y, int sign, int64_t *ns);
/* The row was idle, and that is for good. */
void _weft_account_add_idle (WeftTimeAccount *account, Row *row, int64_t x, int64_t y);
/* The lane has gone on with this task. */
void _weft_account_follow (Row *row, uint32_t task, int64_t start_ns);
/* Who reports a run may tell of a span after later ones: what was taken for idling until then is
 * not. Moments too short for that stay what they are. */
void _weft_account_take_late (WeftTimeAccount *account, Row *row, const WeftSpan *span,
                              WeftTimeUse use);
/* Finds out what was awaited, as far as the graphs are there. */
void _weft_account_resolve (WeftTimeAccount *account, Row *row);
/* For that time there was a reason to be idle. */
void _weft_account_add_reason (WeftTimeAccount *account, IdleReason reason, int64_t x, int64_t y);
/* The piece an idle time is of at a moment in it. */
WeftTimeUse _weft_account_use_at (const WeftTimeAccount *account, const Idle *idle, int64_t at_ns,
                                  int64_t *start_ns, int64_t *end_ns);
/* (nullable): the idle time of the row that contains the moment. */
const Idle *_weft_account_find_idle (const Row *row, int64_t at_ns);
GHashTable *_weft_account_awaited_new (void);
/* Takes in what was told after its task: idle times that wait for it wait for more. */
void _weft_account_follow_links (WeftTimeAccount *account);
/* When a task became ready that has not started; later than all where that is not known. */
int64_t _weft_account_ready (WeftTimeAccount *account, uint32_t task);
