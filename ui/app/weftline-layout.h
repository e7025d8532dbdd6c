/* weftline-layout.h: where panes go, as a tree and as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A layout is a binary tree: its leaves are panes by name, its inner nodes are splits with the
 * share of the first part in percent. As text: `h(24 memory v(60 stream graph))`, h beside each
 * other, v above each other. It is what settings keep. Pure: no widgets.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WEFTLINE_LAYOUT_GAP 12
/* No part gets less than this share of a split, percent. */
#define WEFTLINE_LAYOUT_MIN_SHARE 8

typedef struct _WeftlineLayout WeftlineLayout;

/**
 * WeftlineLayout:
 * @pane: (nullable): the name, of a leaf
 * @beside: the parts of a split stand beside each other
 * @share: of the first part, percent
 */
struct _WeftlineLayout
{
  char *pane;
  gboolean beside;
  double share;
  WeftlineLayout *first, *second;
};

typedef struct
{
  int x, y, width, height;
} WeftlineRect;

/* (transfer full) (nullable): NULL if it is not in that form, names a pane twice, or is nested
 * deeper than 16 */
WeftlineLayout *weftline_layout_parse (const char *text);
/* (nullable) */
void weftline_layout_free (WeftlineLayout *layout);
/* (transfer full) */
char *weftline_layout_print (const WeftlineLayout *layout);

typedef gboolean (*WeftlineLayoutShown) (const char *pane, void *data);
typedef void (*WeftlineLayoutPane) (const char *pane, const WeftlineRect *rect, void *data);
/* The least width of a pane (@beside), or its least height at a width. */
typedef int (*WeftlineLayoutLeast) (const char *pane, gboolean beside, int width, void *data);
/* The gap of a split whose parts are both there; @rect is the gap, @whole the split. */
typedef void (*WeftlineLayoutGap) (WeftlineLayout *split, const WeftlineRect *rect,
                                   const WeftlineRect *whole, void *data);

/* Whether any of its panes is shown. */
gboolean weftline_layout_any (const WeftlineLayout *layout, WeftlineLayoutShown shown, void *data);

/* The least width (@beside), or the least height at a width, at which all that is shown fits. */
int weftline_layout_least (const WeftlineLayout *layout, gboolean beside, int width,
                           WeftlineLayoutShown shown, WeftlineLayoutLeast least, void *data);

/**
 * weftline_layout_place:
 * @mirrored: from right to left
 * @least: (nullable): NULL: panes may be as small as their shares make them
 *
 * Gives every shown pane its place; parts without any leave theirs to the other part. A part that
 * would be too small takes from the other, as far as there is room for both.
 */
void weftline_layout_place (WeftlineLayout *layout, const WeftlineRect *rect, gboolean mirrored,
                            WeftlineLayoutShown shown, WeftlineLayoutLeast least,
                            WeftlineLayoutPane pane, WeftlineLayoutGap gap, void *data);

/* Those that are shown, in the order in which they stand below each other where it is narrow: what
 * begins higher comes first, of those the wider. (transfer full): ends with NULL */
char **weftline_layout_stack (WeftlineLayout *layout, WeftlineLayoutShown shown, void *data);

/* In the order of the text. */
void weftline_layout_foreach (const WeftlineLayout *layout, void (*each) (const char *, void *),
                              void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineLayout, weftline_layout_free)

G_END_DECLS
