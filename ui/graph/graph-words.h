/* graph-words.h: where the words of a few nodes stand, so that all can be read
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: boxes in, boxes out, in pixels. Words stand in their node where it is large enough, else
 * below it or above it: never over another node, over other words, or outside.
 */
#pragma once

#include <stdbool.h>

#define WEFTLINE_WORDS_GAP 9.0  /* between words and what is beside them */
#define WEFTLINE_WORDS_NEAR 2.0 /* between a node and its words */

typedef struct
{
  double x, y, width, height;
} WeftlineWordsBox;

/**
 * WeftlineWords:
 * @node: what they are of
 * @inside: of it: where words may stand; its width 0: nowhere
 * @wide: as wide as they are without what can be left out
 * @widest: with that, at least @wide
 * @least: where they get less than that they say nothing, at most @wide
 * @height: outside
 * @box: (out): where they stand
 * @shown: (out): whether they do
 * @is_inside: (out): in the node
 */
typedef struct
{
  WeftlineWordsBox node, inside;
  double wide, widest, least, height;
  WeftlineWordsBox box;
  bool shown, is_inside;
} WeftlineWords;

/* O(n²): for some hundred. Those that fit whole are placed first, so that none is cut for the sake
 * of one that is cut anyway. */
void weftline_words_place (WeftlineWords *words, unsigned n, double width, double height);
/* Whether a place is free of nodes and words. */
bool weftline_words_free (const WeftlineWords *words, unsigned n, const WeftlineWordsBox *box);
