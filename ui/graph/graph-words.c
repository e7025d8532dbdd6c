/* graph-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-words.h"

#include <glib.h>
#include <math.h>

static bool
overlap (const WeftlineWordsBox *a, const WeftlineWordsBox *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

bool
weftline_words_free (const WeftlineWords *words, unsigned n, const WeftlineWordsBox *box)
{
  for (unsigned i = 0; i < n; i++)
    if (overlap (&words[i].node, box) || (words[i].shown && overlap (&words[i].box, box)))
      return false;
  return true;
}

/* ---- room ------------------------------------------------------------------------------------ */

typedef struct
{
  double from, to;
} Room;

/* What is left of the room when a box at that height is in it. It stays on the side of @middle;
 * nothing is left if the box is there. */
static void
cut (Room *room, double middle, double y, double height, const WeftlineWordsBox *box)
{
  if (box->y >= y + height || y >= box->y + box->height)
    return;
  if (box->x <= middle && middle <= box->x + box->width)
    room->to = room->from;
  else if (box->x > middle)
    room->to = MIN (room->to, box->x - WEFTLINE_WORDS_GAP);
  else
    room->from = MAX (room->from, box->x + box->width + WEFTLINE_WORDS_GAP);
}

/* The widest stretch over the middle of a node where nothing stands but it and its own words. */
static Room
room_at (const WeftlineWords *words, unsigned n, unsigned self, double width, double y)
{
  const WeftlineWords *own = &words[self];
  double middle = own->node.x + own->node.width / 2;
  Room room = { WEFTLINE_WORDS_NEAR, width - WEFTLINE_WORDS_NEAR };

  for (unsigned i = 0; i < n; i++)
    {
      if (i == self)
        continue;
      cut (&room, middle, y, own->height, &words[i].node);
      if (words[i].shown)
        cut (&room, middle, y, own->height, &words[i].box);
    }
  if (middle < room.from || middle > room.to)
    room.to = room.from;
  return room;
}

/* Over the middle of its node, or as near as there is room. */
static void
put (WeftlineWords *own, const Room *room, double y, double width)
{
  double middle = own->node.x + own->node.width / 2;

  own->box = (WeftlineWordsBox){ CLAMP (middle - width / 2, room->from, room->to - width), y, width,
                                 own->height };
  own->shown = true;
  own->is_inside = false;
}

/* ---- placing --------------------------------------------------------------------------------- */

static bool
put_inside (WeftlineWords *own, double least)
{
  if (own->inside.width < least || own->inside.width <= 0)
    return false;
  own->box = own->inside;
  own->shown = own->is_inside = true;
  return true;
}

/* Below or above, where there is more room. Returns: whether they get at least @least */
static bool
put_outside (WeftlineWords *words, unsigned n, unsigned self, double width, double height,
             double least)
{
  WeftlineWords *own = &words[self];
  double ys[2] = { own->node.y + own->node.height + WEFTLINE_WORDS_NEAR,
                   own->node.y - WEFTLINE_WORDS_NEAR - own->height };
  Room best = { 0, 0 };
  double best_y = 0;

  for (unsigned i = 0; i < 2; i++)
    {
      Room room = room_at (words, n, self, width, ys[i]);

      if (ys[i] < 0 || ys[i] + own->height > height || best.to - best.from >= own->wide
          || room.to - room.from <= best.to - best.from)
        continue;
      best = room;
      best_y = ys[i];
    }
  if (best.to - best.from < least || best.to <= best.from)
    return false;
  put (own, &best, best_y, MIN (own->wide, floor (best.to - best.from)));
  return own->box.width > 0;
}

/* What could be left out comes back where there is room for it. */
static void
widen (WeftlineWords *words, unsigned n, unsigned self, double width)
{
  WeftlineWords *own = &words[self];
  double y = own->box.y, wide;
  Room room;

  if (!own->shown || own->is_inside || own->widest <= own->box.width)
    return;
  room = room_at (words, n, self, width, y);
  wide = MIN (own->widest, floor (room.to - room.from));
  if (wide > own->box.width)
    put (own, &room, y, wide);
}

void
weftline_words_place (WeftlineWords *words, unsigned n, double width, double height)
{
  for (unsigned i = 0; i < n; i++)
    words[i].shown = words[i].is_inside = false;
  for (unsigned i = 0; i < n; i++)
    put_inside (&words[i], words[i].wide);
  for (unsigned i = 0; i < n; i++)
    if (!words[i].shown)
      put_outside (words, n, i, width, height, words[i].wide);
  for (unsigned i = 0; i < n; i++)
    if (!words[i].shown
        && !put_outside (words, n, i, width, height, MAX (words[i].least, words[i].inside.width)))
      put_inside (&words[i], words[i].least);
  for (unsigned i = 0; i < n; i++)
    widen (words, n, i, width);
}
