/* weftline-session.h: what all views of a run share: selection, hover, the time looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Tasks and groups are the model's numbers. Setting what is set already tells nobody, so views may
 * answer a signal by setting. Main thread only.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/time-scale.h"
#include "graph/graph-links.h"
#include "session/weftline-run.h"

#include "model/weft-eta.h"

G_BEGIN_DECLS

/* The time of views that follow the run. */
#define WEFTLINE_NOW INT64_MAX

/**
 * WeftlineSelection:
 * @task: or WEFT_NONE
 * @group: or WEFT_NONE
 * @from_ns: of a time range
 * @to_ns: not after @from_ns: no range
 */
typedef struct
{
  uint32_t task;
  uint32_t group;
  int64_t from_ns, to_ns;
} WeftlineSelection;

/* As the settings have them. */
typedef enum
{
  WEFTLINE_DENSITY_FEW,
  WEFTLINE_DENSITY_NORMAL,
  WEFTLINE_DENSITY_MANY,
} WeftlineLabelDensity;

/* What the user wants of all views. */
typedef struct
{
  WeftlinePaletteKind palette;
  WeftlineLabelDensity labels;
  WeftlineTimeForm time_form;
} WeftlineSessionLook;

#define WEFTLINE_TYPE_SESSION (weftline_session_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineSession, weftline_session, WEFTLINE, SESSION, GObject)

/* Signals: `snapshot-changed`, `stale` (there is more in the model than in the snapshot),
 * `selection-changed`, `hover-changed`, `time-changed`, `moment-changed`, `look-changed`, `reveal`
 * (the selected task is to be brought into sight), `shown-changed`, `left-changed` (of how long the
 * rest takes there is another estimate), `preview-changed`. (transfer full) */
WeftlineSession *weftline_session_new (WeftlineRun *run);
/* (transfer none) */
WeftlineRun *weftline_session_run (WeftlineSession *self);

/* (transfer none) (nullable): before the start there is none */
WeftModel *weftline_session_model (WeftlineSession *self);
/* What all views show, until the next weftline_session_update(). (transfer none) */
const WeftModelSnapshot *weftline_session_snapshot (WeftlineSession *self);
/* Takes a new snapshot; once a frame. Returns: whether anything changed */
bool weftline_session_update (WeftlineSession *self);
/* For those to whom `snapshot-changed` comes: whether the run is paused, and nothing is new but how
 * late it is, and samples of the process. What has no clock and no axis of time need not be drawn
 * again. */
bool weftline_session_only_time_passed (WeftlineSession *self);

/* The run's graph before its start, and until its model has it: all tasks wait. Views of other
 * things have nothing to show then. It is made when it is first asked for, and comes with
 * `preview-changed`, as its end does. (transfer none) (nullable): there is none, or not yet;
 * @snapshot: (out) (transfer none): untouched then */
WeftModel *weftline_session_preview (WeftlineSession *self, const WeftModelSnapshot **snapshot);

/* (transfer none) */
const WeftlineSelection *weftline_session_selection (WeftlineSession *self);
void weftline_session_select_task (WeftlineSession *self, uint32_t task);
/* Likewise, and it is looked for: views bring it into sight. */
void weftline_session_reveal_task (WeftlineSession *self, uint32_t task);
void weftline_session_select_group (WeftlineSession *self, uint32_t group);
/* Ends in either order; the same twice: no range. */
void weftline_session_select_range (WeftlineSession *self, int64_t from_ns, int64_t to_ns);
/* Nothing is selected any more, and no lineage asked for. */
void weftline_session_select_nothing (WeftlineSession *self);

/* Of which of the selected task's ancestors and descendants all views tell: of those of whatever
 * task is selected, until something else is asked for. Tells as a selection. */
WeftlineLineage weftline_session_lineage (WeftlineSession *self);
void weftline_session_set_lineage (WeftlineSession *self, WeftlineLineage which);
/* Ancestors or descendants: asked for, or not any more. */
void weftline_session_toggle_lineage (WeftlineSession *self, WeftlineLineage which);
/* The tasks themselves, as of the snapshot. (nullable) (transfer none): no task is selected, or
 * nothing asked for; good until snapshot or selection change */
const WeftlineTaskSet *weftline_session_lineage_set (WeftlineSession *self);
/* The graph of the run, as of the snapshot. (nullable) (transfer none): there is no model; good
 * until the snapshot changes */
const WeftlineLinks *weftline_session_links (WeftlineSession *self);
/* The group whose tasks stand out: the one pointed at as a whole, in whatever view, else the one
 * selected; WEFT_NONE: none, or a lineage is asked for. */
uint32_t weftline_session_marked_group (WeftlineSession *self);
/* What stands out in all views: the lineage, or the tasks of that group, or those that ran in the
 * selected time. (nullable) (transfer none): all are alike; good until anything changes */
const WeftlineTaskSet *weftline_session_marked (WeftlineSession *self);
/* What is selected, in words, and how many tasks its lineage has; "": nothing. (transfer full) */
char *weftline_session_dup_selection_text (WeftlineSession *self);

/* What the pointer is on, in whatever view; WEFT_NONE: nothing. */
uint32_t weftline_session_hover_task (WeftlineSession *self);
uint32_t weftline_session_hover_group (WeftlineSession *self);
void weftline_session_set_hover (WeftlineSession *self, uint32_t task, uint32_t group);

/* The moment that all views show: nanoseconds since the start, or WEFTLINE_NOW. What is known of it
 * comes a little later, with `moment-changed`. Behind what is known in full there is no moment. */
int64_t weftline_session_time (WeftlineSession *self);
void weftline_session_set_time (WeftlineSession *self, int64_t at_ns);
/* Goes to the nearest start or end of a task, from now on backward. At the last one, or behind it,
 * forward leads to now. */
void weftline_session_step_time (WeftlineSession *self, bool forward);
/* How it was then. (transfer none) (nullable): views show now, or it is not known yet; until
 * `moment-changed`. While another is looked for it is the one before: see its at_ns. */
const WeftMoment *weftline_session_moment (WeftlineSession *self);
/* Whether a moment is being looked for. */
bool weftline_session_is_rewinding (WeftlineSession *self);
/* For those who do not see that views show the past: “as of 1.23 s”; "": they show now. (transfer
 * full) */
char *weftline_session_dup_time_text (WeftlineSession *self);
/* The state in which a task is to be shown: then, or now. */
WeftModelState weftline_session_task_state (WeftlineSession *self, uint32_t task);

/* How the run stands: then, or now. While nothing is known of then, as now. */
void weftline_session_status (WeftlineSession *self, WeftlineRunStatus *status);
/* How long the rest takes: as of now, or as it would have been told then. The same for all who ask,
 * until the run changes, or `left-changed`. Returns: whether there is anything to be said */
bool weftline_session_left (WeftlineSession *self, WeftEta *eta);
/* In words: see weftline_eta_text(). (transfer full) (nullable) */
char *weftline_session_dup_left_text (WeftlineSession *self, bool band);

/* The time that is shown by those views over time that can be moved: they move together. @to_ns not
 * after @from_ns: all of the run, as it goes on. */
void weftline_session_get_shown (WeftlineSession *self, int64_t *from_ns, int64_t *to_ns);
void weftline_session_show (WeftlineSession *self, int64_t from_ns, int64_t to_ns);

/* (transfer none) */
const WeftlineSessionLook *weftline_session_look (WeftlineSession *self);
/* How the user wants times of this run. */
WeftlineClock weftline_session_clock (WeftlineSession *self);
void weftline_session_set_look (WeftlineSession *self, const WeftlineSessionLook *look);

G_END_DECLS
