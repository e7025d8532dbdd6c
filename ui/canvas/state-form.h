/* state-form.h: one form per state, so that colour never stands alone
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   waiting  outline                in memory  solid        erred      solid black, white on dark
 *   queued   dotted outline         released   half         cancelled  struck through
 *   running  hatched                strength
 *
 * A gone worker's lane is crossed, and a crossed box stands before its name.
 */
#pragma once

#include "canvas/palette.h"
#include "model/weft-model.h"

/* Width and distance of the hatch's lines, in units of the view. */
#define WEFTLINE_HATCH_LINE 3
#define WEFTLINE_HATCH_STEP 7

/* Whether a device pixel is on a line of the hatch, from the lower left to the upper right. x and
 * y: not negative */
static inline bool
weftline_is_hatched (int x, int y, int scale)
{
  return (x + y) / scale % WEFTLINE_HATCH_STEP < WEFTLINE_HATCH_LINE;
}

/* A task, or a segment of a bar, in a state. @color: its group's. Edges on whole units are crisp at
 * every integer scale. */
void weftline_state_form_draw (cairo_t *cr, const WeftlinePalette *palette, WeftModelState state,
                               uint32_t color, double x, double y, double width, double height);
#define WEFTLINE_GONE_FORM 12 /* units: how large the box is beside a name */
#define WEFTLINE_GONE_ROOM 18 /* that it takes before the name */

/* The box of a worker that is gone. */
void weftline_gone_form_draw (cairo_t *cr, const WeftlinePalette *palette, double x, double y);
/* Lines of the hatch in the current source, inside a rectangle. */
void weftline_hatch_draw (cairo_t *cr, double x, double y, double width, double height);
