/* task-stream-private.h: what the files of the task stream's widget share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "timeline/task-stream.h"
#include "timeline/timeline-annotations.h"
#include "timeline/timeline-hit.h"
#include "timeline/timeline-legend.h"
#include "timeline/timeline-links.h"
#include "timeline/timeline-paint.h"
#include "timeline/timeline-source.h"

#define STREAM_ZOOM_STEP 1.25
#define STREAM_PAN_SHARE 0.1

struct _WeftlineTaskStream
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineTimelineLayout *layout;
  WeftlineTimelinePaint *paint;
  WeftlineTimelineSource source;
  WeftlineTimelineView view;
  bool stale;  /* input, view or look changed since the data was drawn */
  bool placed; /* the view was fitted to the run once */
  bool follow;
  double pointer_x, pointer_y;
  bool has_pointer;               /* it is in the view */
  WeftlineTimelineHit hit;        /* under the pointer */
  char **hover_lines;             /* (nullable) */
  uint32_t group_shown;           /* that stands out in what is drawn, or WEFT_NONE */
  bool hover_is_gap;              /* they tell why nothing ran */
  bool has_gap;                   /* that was gone to by keys: the lines are its */
  int64_t gap_from_ns, gap_to_ns; /* in the lane of the hit */
  WeftlineTimelineLinks links;
  WeftlineTimelineAnnotations annotations;
  char *range_text;   /* (nullable) */
  char *range_groups; /* (nullable) */
  unsigned legend;    /* bits: WeftlineLegendKind that have been in view */
  GtkWidget *popover; /* (nullable): all kinds */
  char *status;
  char *key;            /* (nullable): of the task whose label is being drawn */
  double drag_x;        /* how far the drag has been followed */
  int64_t range_anchor; /* ns */
  bool dragging_range;
};

WeftlineTimelineInput _weftline_task_stream_input (WeftlineTaskStream *self);
/* Where the selected task is in the stream: where it runs, or ran last. */
bool _weftline_task_stream_selected (WeftlineTaskStream *self, WeftlineTimelineMark *mark);
/* Data is drawn anew. */
void _weftline_task_stream_redraw (WeftlineTaskStream *self);
/* The user has taken the view. */
void _weftline_task_stream_moved (WeftlineTaskStream *self);
void _weftline_task_stream_drop_hover (WeftlineTaskStream *self);
/* Nothing ran at the hit: why. */
void _weftline_task_stream_hover_gap (WeftlineTaskStream *self);
/* To those who do not see it. */
void _weftline_task_stream_describe (WeftlineTaskStream *self);

/* task-stream-keys.c */
gboolean _weftline_task_stream_key_cb (WeftlineTaskStream *self, guint key, guint code,
                                       GdkModifierType modifiers);
void _weftline_task_stream_install_actions (GtkWidgetClass *widget_class);
