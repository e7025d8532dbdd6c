/* weftline-run.h: a run as the window knows it, whatever it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Facts come out of weftline_run_status(), commands go in through the other functions. What kind of
 * run can serve which command is told by its capabilities: controls for the others are left out,
 * so nobody presses a button in vain. All of it belongs to the main thread.
 */
#pragma once

#include "session/weftline-breaks.h"
#include "session/weftline-feed.h"
#include "session/weftline-plan.h"

#include "weft.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  WEFTLINE_CAN_RUN = 1 << 0, /* it waits for a start, or to go on */
  WEFTLINE_CAN_PAUSE = 1 << 1,
  WEFTLINE_CAN_STEP = 1 << 2,
  WEFTLINE_CAN_CANCEL = 1 << 3,
  WEFTLINE_CAN_SET_SPEED = 1 << 4,
  WEFTLINE_CAN_SET_WORKERS = 1 << 5,
  WEFTLINE_CAN_SET_MEMORY_LIMIT = 1 << 6,
  WEFTLINE_CAN_SAVE = 1 << 7,
  WEFTLINE_CAN_RUN_AGAIN = 1 << 8,
  WEFTLINE_CAN_RUN_TO = 1 << 9,      /* go on until a task would start */
  WEFTLINE_CAN_RERUN_TASK = 1 << 10, /* one task, with all it needs */
  WEFTLINE_CAN_BREAK = 1 << 11,      /* stop by itself; see weftline-breaks.h */
} WeftlineCapabilities;

/**
 * WeftlineRunStatus:
 * @known: whether the counts are: a file's are not before it was read
 * @n_ended: done and erred: those that were cancelled never will
 * @knows_memory: whether anybody said what is managed; else those bytes are 0 and not a figure
 * @delay_ns: before each start; 0: full speed
 * @memory_limit_bytes: 0: none
 */
typedef struct
{
  WeftRunPhase phase;
  bool known, knows_memory;
  uint64_t n_tasks, n_ended, n_running, n_erred;
  uint64_t managed_bytes, peak_bytes, spilled_bytes;
  int64_t elapsed_ns;
  int64_t delay_ns;
  uint32_t n_workers;
  uint64_t memory_limit_bytes;
} WeftlineRunStatus;

/**
 * WeftlineRunSettings:
 * @n_workers: 0: usable cores
 * @memory_limit_bytes: 0: none
 * @delay_ns: before each start; 0: none
 * @folder: (nullable): where its run file goes while the run is known; NULL: the user's cache
 */
typedef struct
{
  uint32_t n_workers;
  uint64_t memory_limit_bytes;
  int64_t delay_ns;
  const char *folder;
} WeftlineRunSettings;

#define WEFTLINE_TYPE_RUN (weftline_run_get_type ())
G_DECLARE_INTERFACE (WeftlineRun, weftline_run, WEFTLINE, RUN, GObject)

/**
 * WeftlineRunInterface:
 * @capabilities: those of its kind; they may become fewer with the start
 * @plan: (nullable): what it was made of
 * @dup_results: (nullable): results for people to read, "key: value" a line
 * @result: (nullable): one of them
 *
 * @goes_on: (nullable): whether it does without this program; %NULL: no
 * @show: (nullable): somebody wants to see it: what has to be read for that is read from now on
 * @look: (nullable): a picture of the run is being made: what is new is told now, if it is time
 *
 * Commands that a kind cannot serve are %NULL. An implementation emits WeftlineRun::changed when
 * its status did, at most ten times a second, and at its end; and says by weftline_run_refuse() why
 * it has not done what it was asked for.
 */
struct _WeftlineRunInterface
{
  GTypeInterface parent;

  WeftlineCapabilities (*capabilities) (WeftlineRun *run);
  void (*status) (WeftlineRun *run, WeftlineRunStatus *status);
  WeftlineFeed *(*feed) (WeftlineRun *run);
  const char *(*name) (WeftlineRun *run);
  const char *(*about) (WeftlineRun *run);
  const char *(*kind) (WeftlineRun *run);
  const char *(*path) (WeftlineRun *run);
  const char *(*message) (WeftlineRun *run);
  char *(*dup_results) (WeftlineRun *run);
  bool (*result) (WeftlineRun *run, const char *key, WeftValue *value, GError **error);
  WeftlinePlan *(*plan) (WeftlineRun *run);
  void (*start) (WeftlineRun *run);
  void (*pause) (WeftlineRun *run);
  void (*resume) (WeftlineRun *run);
  void (*step) (WeftlineRun *run);
  void (*cancel) (WeftlineRun *run);
  void (*set_delay) (WeftlineRun *run, int64_t delay_ns);
  void (*set_workers) (WeftlineRun *run, uint32_t n_workers);
  void (*set_memory_limit) (WeftlineRun *run, uint64_t n_bytes);
  WeftlineRun *(*again) (WeftlineRun *run, GError **error);
  void (*run_to) (WeftlineRun *run, const char *key);
  WeftlineRun *(*rerun_task) (WeftlineRun *run, const char *key, GError **error);
  const WeftlineBreaks *(*breaks) (WeftlineRun *run);
  void (*set_break) (WeftlineRun *run, const WeftlineBreak *what, bool on);
  bool (*goes_on) (WeftlineRun *run);
  void (*show) (WeftlineRun *run);
  void (*look) (WeftlineRun *run);
};

WeftlineCapabilities weftline_run_capabilities (WeftlineRun *run);
bool weftline_run_can (WeftlineRun *run, WeftlineCapabilities capability);
void weftline_run_status (WeftlineRun *run, WeftlineRunStatus *status);

/* What is read of its run file. (transfer none) (nullable): before the start there is nothing */
WeftlineFeed *weftline_run_feed (WeftlineRun *run);

/* The graph's or the file's name. (transfer none) */
const char *weftline_run_name (WeftlineRun *run);
/* (transfer none) (nullable): what its author says of it */
const char *weftline_run_about (WeftlineRun *run);
/* A word for people on what kind of run it is. (transfer none) */
const char *weftline_run_kind (WeftlineRun *run);
/* What it does not have from its graph: of its plan, else as its records have it. (transfer none)
 * (nullable): nothing is known of it */
const WeftModelNotes *weftline_run_notes (WeftlineRun *run);
/* Its run file. (transfer none) (nullable): before the start there is none */
const char *weftline_run_path (WeftlineRun *run);
/* Why it failed. (transfer none) (nullable) */
const char *weftline_run_message (WeftlineRun *run);
/* Its outputs, "key: value" a line; NULL while there are none. (transfer full) (nullable) */
char *weftline_run_dup_results (WeftlineRun *run);
/* Whether there ever are any: a run file has no values. */
bool weftline_run_has_results (WeftlineRun *run);
/* One of them. @value: (out): untouched if FALSE. Returns: FALSE with an error: it is not there */
bool weftline_run_result (WeftlineRun *run, const char *key, WeftValue *value, GError **error);
/* Whether it can be asked for one. */
bool weftline_run_has_result (WeftlineRun *run);

/* What it was made of. (transfer none) (nullable): a file's is not known */
WeftlinePlan *weftline_run_plan (WeftlineRun *run);

/* Whether it has ended, in whatever way. */
bool weftline_run_is_over (WeftlineRun *run);
/* Whether it runs or is paused. */
bool weftline_run_is_active (WeftlineRun *run);

/* Whether it goes on when this program ends: then nobody is asked before. */
bool weftline_run_goes_on (WeftlineRun *run);

/* Somebody wants to see it. */
void weftline_run_show (WeftlineRun *run);

/* All that goes on in the run is about to be drawn: how it stands in words changes with it, rather
 * than in a picture of its own. */
void weftline_run_look (WeftlineRun *run);

/* Commands. Those that the run cannot serve do nothing. Those that it does not carry out, for a
 * reason that lies in the run, tell it by WeftlineRun::refused, now or later. */
void weftline_run_start (WeftlineRun *run);
void weftline_run_pause (WeftlineRun *run);
void weftline_run_resume (WeftlineRun *run);
void weftline_run_step (WeftlineRun *run);
void weftline_run_cancel (WeftlineRun *run);
void weftline_run_set_delay (WeftlineRun *run, int64_t delay_ns);
void weftline_run_set_workers (WeftlineRun *run, uint32_t n_workers);
void weftline_run_set_memory_limit (WeftlineRun *run, uint64_t n_bytes);
/* The same graph once more, not started. (transfer full) (nullable) */
WeftlineRun *weftline_run_again (WeftlineRun *run, GError **error);
/* Goes on, and pauses before the task of that key starts, or where it is to stop anyway; refused if
 * there is none, or if it has begun before. */
void weftline_run_run_to (WeftlineRun *run, const char *key);
/* Where it stops by itself. (transfer none) (nullable): it cannot be told to */
const WeftlineBreaks *weftline_run_breaks (WeftlineRun *run);
/* From now on it stops there, or not any more; also before its start. Taking one away may let
 * others stop it where it stands once more. */
void weftline_run_set_break (WeftlineRun *run, const WeftlineBreak *what, bool on);
/* That task and all it needs as a run of their own, not started. (transfer full) (nullable) */
WeftlineRun *weftline_run_rerun_task (WeftlineRun *run, const char *key, GError **error);
/* Copies the run file as it is now; a WeftlineSave goes on until the run is over. */
bool weftline_run_save (WeftlineRun *run, const char *path, GError **error);

/* For implementations: status or texts are new. */
void weftline_run_changed (WeftlineRun *run);

/* How often the figures of a run in words are told, if pictures of it are made; and how often else,
 * as where another run is shown. Each time the header and the list are drawn. */
#define WEFTLINE_RUN_LOOK_MS 200
#define WEFTLINE_RUN_LATE_MS 300

/* What was told last of a run's status, and when. */
typedef struct
{
  WeftlineRunStatus status;
  WeftModelFeedState feed;
  gint64 at_us;
} WeftlineRunTold;

/* Whether there is something to tell, now that so much time should have gone by since it was told:
 * always, but in a run that is paused, where nothing moves but the time, once a second. What is
 * told then is kept. */
bool weftline_run_moves (WeftlineRun *run, WeftlineRunTold *told, unsigned after_ms);
/* Likewise: a command was not carried out. @reason: for people */
void weftline_run_refuse (WeftlineRun *run, const char *reason);

/* One word; in inspect/run-facts.c, for all that tells it. (transfer none) */
const char *weftline_phase_text (WeftRunPhase phase);

G_END_DECLS
