/* timeline-paint-private.h: what the parts of the task stream's paint share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "timeline/timeline-paint.h"

/* New texts a picture: laying out more would be felt. */
#define MAX_NEW_TEXTS 80
#define LABEL_PAD 5

/* One lane's colours, a device pixel of the whole view each, but for the hatch. */
typedef enum
{
  ROW_UPPER,     /* the dashes */
  ROW_UPPER_GAP, /* between them */
  ROW_MIDDLE,
  ROW_LOWER,
  ROW_LOWER_GAP,
  N_ROWS,
} RowKind;

/* Pixels of a lane that are hatched. */
typedef struct
{
  int x0, x1; /* device pixels of the view */
  uint32_t color;
  bool thin;
} Hatch;

/* Pixels that a line strikes through. */
typedef struct
{
  int x0, x1;
  uint32_t color;
} Strike;

/* What a lane looks like; of each thread that paints. */
typedef struct
{
  uint32_t *rows[N_ROWS];
  GArray *hatches; /* of Hatch */
  GArray *strikes; /* of Strike */
} LaneLook;

struct _WeftlineTimelinePaint
{
  WeftlinePixels pixels;
  WeftlineTextCache *texts;
  char *font;
  int scale;
  bool unfinished;
  uint64_t n_texts_before;
  WeftlineTimeScale axis;
  GArray *colors;     /* of uint32_t, by group */
  GArray *pixel_rows; /* of uint32_t: N_ROWS rows for each lane at hand, background, track */
  LaneLook lanes[2];
  uint32_t *background; /* between lanes */
  uint32_t *track;
};

/* Makes what lanes need of a layout: colours, rows, axis, texts. */
void _weftline_timeline_paint_prepare (WeftlineTimelinePaint *paint,
                                       const WeftlineTimelineLayout *layout,
                                       const WeftlineTimelineLook *look);
/* Fills rows, hatches and strikes for a lane. */
void _weftline_timeline_paint_lane_colors (const WeftlineTimelinePaint *paint, LaneLook *into,
                                           const WeftlineTimelineLayout *layout,
                                           const WeftlineTimelineLook *look, unsigned lane);
uint32_t _weftline_timeline_paint_group_color (const WeftlineTimelinePaint *paint,
                                               const WeftlinePalette *palette, uint16_t group);
/* Which of its rows a line of a lane shows; y from its upper edge, in device pixels. */
RowKind _weftline_timeline_paint_row_kind (int y, int lane_height, int scale);
bool _weftline_timeline_paint_is_hatched (const Hatch *hatch, int x, int y, int scale);
/* Where a lane is struck through: from there, as many device pixels. */
int _weftline_timeline_paint_strike_y (int lane_height, int scale);

/* Crosses out the lanes of gone workers. */
void _weftline_timeline_paint_cross_out (cairo_t *cr, const WeftlineTimelineLayout *layout,
                                         const WeftlinePalette *palette);

typedef struct
{
  const char *text;
  WeftlineTextStyle style;
  int x, y; /* device pixels */
  uint32_t color;
  uint32_t plate; /* WEFT_NONE: none; else what is laid under it */
  int plate_width, plate_height;
} PlacedText;

/* Calls a function for every text of the picture. */
typedef void (*PlacedTextFunc) (WeftlineTimelinePaint *paint, const PlacedText *text, void *data);
void _weftline_timeline_paint_foreach_text (WeftlineTimelinePaint *paint,
                                            const WeftlineTimelineLayout *layout,
                                            const WeftlineTimelineLook *look, PlacedTextFunc func,
                                            void *data);

/* Where the word at the line of now stands, in device pixels: times beside it give way. Returns:
 * whether there is one */
bool _weftline_timeline_paint_now_label (WeftlineTimelinePaint *paint,
                                         const WeftlineTimelineLayout *layout,
                                         const WeftlineTimelineLook *look, int *x, int *width);

/* Device pixel of the view, from one of the area. */
static inline int
_weftline_timeline_paint_x (const WeftlineTimelineLayout *layout, int x)
{
  return layout->area_x + x;
}
