/* weftline-session-private.h: what is in a session; for its own files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-eta.h"
#include "session/weftline-preview.h"
#include "session/weftline-rewind.h"
#include "session/weftline-session.h"
#include "session/weftline-then.h"
#include "session/weftline-turn.h"

#define NO_SELECTION           \
  (WeftlineSelection)          \
  {                            \
    WEFT_NONE, WEFT_NONE, 0, 0 \
  }

struct _WeftlineSession
{
  GObject parent_instance;

  WeftlineRun *run;
  WeftlineFeed *feed;       /* (nullable) */
  WeftlinePreview *preview; /* (nullable) */
  guint previewing;         /* source, or 0: it was asked for */
  WeftModelSnapshot snapshot;
  bool only_time; /* is new in it; while that is told */
  bool time_told; /* the run said, since the snapshot, that it has changed */
  WeftlineSelection selection;
  WeftlineLineage lineage;
  WeftlineLinks *links;         /* (nullable): not asked for yet */
  WeftlineTaskSet *lineage_set; /* (nullable): likewise */
  WeftlineTaskSet *marks;       /* (nullable): likewise; of @marks_of */
  WeftlineSelection marks_of;   /* a group or a range */
  uint64_t marks_serial;        /* of the snapshot they were found in */
  uint32_t hover_task, hover_group;
  int64_t time_ns;
  WeftlineRewind *rewind;
  WeftlineRunStatus status_then; /* of the rewind's moment */
  WeftlineEtaThen *left_then;
  WeftlineTurn left_turn; /* how long it takes now is known */
  WeftEta left;           /* as it is told now, wherever it is; see has_left */
  bool has_left, left_is_current;
  int64_t shown_from_ns, shown_to_ns; /* none: zeros */
  WeftlineSessionLook look;
};

enum
{
  SNAPSHOT,
  STALE,
  SELECTION,
  HOVER,
  TIME,
  MOMENT,
  LOOK,
  REVEAL,
  SHOWN,
  LEFT,
  PREVIEW,
  N_SIGNALS
};

extern guint _weftline_session_signals[N_SIGNALS];
