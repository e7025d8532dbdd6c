/* palette.h: the colours of data and chrome, light and dark
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Colours are 0xRRGGBB, as a pixel of CAIRO_FORMAT_RGB24 is. Colour belongs to data, chrome is
 * neutral.
 *
 * A group has one colour everywhere and keeps it. Its slot is asked for by name: the name's hash
 * says which of the six hues it would like, and when another group of the run has that one it gets
 * the next that is free, then grey, then lighter and darker ones of the seven, then “other”. So
 * groups of one run differ while there are colours, and the same graph looks the same tomorrow.
 */
#pragma once

#include "base/weft-base.h"

#include <cairo.h>

#define WEFTLINE_N_HUES 7
#define WEFTLINE_SLOT_OTHER (3 * WEFTLINE_N_HUES)
#define WEFTLINE_N_SLOTS (WEFTLINE_SLOT_OTHER + 1)
#define WEFTLINE_N_CLASSIC 18
#define WEFTLINE_N_STATE_COLORS 7 /* of WeftModelState */

typedef enum
{
  WEFTLINE_PALETTE_SAFE,    /* tells apart also for the colour-blind */
  WEFTLINE_PALETTE_CLASSIC, /* Dask's: viridis by the hash of the key's prefix */
} WeftlinePaletteKind;

/* Chrome, and what is no group. */
typedef struct
{
  WeftlinePaletteKind kind;
  bool dark;
  uint32_t card;   /* what views stand on */
  uint32_t track;  /* an empty lane, an empty bar */
  uint32_t idle;   /* a worker known to do nothing */
  uint32_t grid;   /* hairlines */
  uint32_t text;   /* 7 : 1 on card */
  uint32_t dim;    /* secondary text, 4.5 : 1 on card */
  uint32_t accent; /* now, selection, range */
  uint32_t error;  /* solid black, white on dark */
  uint32_t spill;  /* disk */
  uint32_t transfer;
  uint32_t phase; /* deserialise and the like */
  uint32_t pause;
  uint32_t box;      /* hover box */
  uint32_t box_text; /* on it */
  uint32_t slots[WEFTLINE_N_SLOTS];
  uint32_t classic[WEFTLINE_N_CLASSIC];
  bool has_states; /* a graph's tasks are coloured by their state, not by group */
  uint32_t states[WEFTLINE_N_STATE_COLORS]; /* in the order of WeftModelState */
} WeftlinePalette;

/* Returns: (transfer none): one of four, for ever. Any thread. */
const WeftlinePalette *weftline_palette (WeftlinePaletteKind kind, bool dark);

typedef struct _WeftlineGroupColors WeftlineGroupColors;

/* The slots of one run's groups; one thread's. */
WeftlineGroupColors *weftline_group_colors_new (void);
/* @colors: (nullable) */
void weftline_group_colors_free (WeftlineGroupColors *colors);
/* Gives a group its slot: the same for the same name. In the order of the groups' numbers. */
unsigned weftline_group_colors_add (WeftlineGroupColors *colors, const char *name);
/* How many groups were added and share the last slot: “other”. */
unsigned weftline_group_colors_n_other (const WeftlineGroupColors *colors);

/* What color_of() of Dask's dashboard answers: 0 … WEFTLINE_N_CLASSIC - 1. */
unsigned weftline_classic_slot (const char *name);

/* A group's colour, by its name and the slot it was given. */
uint32_t weftline_palette_group (const WeftlinePalette *palette, const char *name, unsigned slot);

/* @share of @over on @under, 256 is all. */
static inline uint32_t
weftline_blend (uint32_t under, uint32_t over, uint32_t share)
{
  uint32_t rest = 256 - share;
  uint32_t red_blue = ((over & 0xff00ff) * share + (under & 0xff00ff) * rest) >> 8 & 0xff00ff;
  uint32_t green = ((over & 0x00ff00) * share + (under & 0x00ff00) * rest) >> 8 & 0x00ff00;

  return red_blue | green;
}

/* WCAG's contrast ratio, 1 … 21. */
double weftline_contrast (uint32_t a, uint32_t b);
/* Text on that colour: near black or white, what can be read better. */
uint32_t weftline_text_on (uint32_t color);
void weftline_set_color (cairo_t *cr, uint32_t color, double alpha);
