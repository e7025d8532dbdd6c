/* weftline-layout.c: where panes go, as a tree and as text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "app/weftline-layout.h"

#include <string.h>

#define MAX_DEPTH 16

/* ---- text ------------------------------------------------------------------------------------ */

typedef struct
{
  const char *at;
  GHashTable *names;
} Parser;

static WeftlineLayout *parse_node (Parser *parser, int depth);

static void
skip_space (Parser *parser)
{
  while (g_ascii_isspace (*parser->at))
    parser->at++;
}

static gboolean
parse_share (Parser *parser, double *share)
{
  char *end;

  *share = g_ascii_strtod (parser->at, &end);
  if (end == parser->at || !(*share > 0 && *share < 100))
    return FALSE;
  *share = CLAMP (*share, WEFTLINE_LAYOUT_MIN_SHARE, 100 - WEFTLINE_LAYOUT_MIN_SHARE);
  parser->at = end;
  return TRUE;
}

static gboolean
parse_parts (Parser *parser, WeftlineLayout *split, int depth)
{
  if (!parse_share (parser, &split->share))
    return FALSE;
  split->first = parse_node (parser, depth + 1);
  if (split->first == NULL)
    return FALSE;
  split->second = parse_node (parser, depth + 1);
  if (split->second == NULL)
    return FALSE;
  skip_space (parser);
  return *parser->at++ == ')';
}

static WeftlineLayout *
parse_split (Parser *parser, int depth)
{
  WeftlineLayout *split = g_new0 (WeftlineLayout, 1);

  split->beside = parser->at[0] == 'h';
  parser->at += 2;
  if (depth < MAX_DEPTH && parse_parts (parser, split, depth))
    return split;
  weftline_layout_free (split);
  return NULL;
}

static WeftlineLayout *
parse_node (Parser *parser, int depth)
{
  const char *start;
  WeftlineLayout *leaf;
  char *name;

  skip_space (parser);
  if ((parser->at[0] == 'h' || parser->at[0] == 'v') && parser->at[1] == '(')
    return parse_split (parser, depth);
  start = parser->at;
  while (g_ascii_isalnum (*parser->at) || *parser->at == '-' || *parser->at == '_')
    parser->at++;
  if (parser->at == start)
    return NULL;
  name = g_strndup (start, (gsize) (parser->at - start));
  if (!g_hash_table_add (parser->names, name))
    return NULL;
  leaf = g_new0 (WeftlineLayout, 1);
  leaf->pane = g_strdup (name);
  return leaf;
}

WeftlineLayout *
weftline_layout_parse (const char *text)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Parser parser = { text, names };
  WeftlineLayout *layout = parse_node (&parser, 0);

  skip_space (&parser);
  if (layout != NULL && *parser.at == '\0')
    return layout;
  weftline_layout_free (layout);
  return NULL;
}

void
weftline_layout_free (WeftlineLayout *layout)
{
  if (layout == NULL)
    return;
  weftline_layout_free (layout->first);
  weftline_layout_free (layout->second);
  g_free (layout->pane);
  g_free (layout);
}

static void
print_node (const WeftlineLayout *layout, GString *text)
{
  char share[G_ASCII_DTOSTR_BUF_SIZE];

  if (layout->pane != NULL)
    {
      g_string_append (text, layout->pane);
      return;
    }
  g_ascii_formatd (share, sizeof share, "%.4g", layout->share);
  g_string_append_printf (text, "%c(%s ", layout->beside ? 'h' : 'v', share);
  print_node (layout->first, text);
  g_string_append_c (text, ' ');
  print_node (layout->second, text);
  g_string_append_c (text, ')');
}

char *
weftline_layout_print (const WeftlineLayout *layout)
{
  GString *text = g_string_new (NULL);

  print_node (layout, text);
  return g_string_free (text, FALSE);
}

/* ---- places ---------------------------------------------------------------------------------- */

gboolean
weftline_layout_any (const WeftlineLayout *layout, WeftlineLayoutShown shown, void *data)
{
  if (layout->pane != NULL)
    return shown (layout->pane, data);
  return weftline_layout_any (layout->first, shown, data)
         || weftline_layout_any (layout->second, shown, data);
}

/* Of a split of so many pixels, by its share. */
static int
share_of (const WeftlineLayout *split, int size)
{
  return (int) (MAX (size - WEFTLINE_LAYOUT_GAP, 0) * split->share / 100 + 0.5);
}

static int
least_of_split (const WeftlineLayout *split, gboolean beside, int width, WeftlineLayoutShown shown,
                WeftlineLayoutLeast least, void *data)
{
  int before = width, after = width, first, second;

  if (split->beside)
    {
      before = share_of (split, width);
      after = MAX (width - WEFTLINE_LAYOUT_GAP, 0) - before;
    }
  first = weftline_layout_least (split->first, beside, before, shown, least, data);
  second = weftline_layout_least (split->second, beside, after, shown, least, data);
  return split->beside == beside ? first + WEFTLINE_LAYOUT_GAP + second : MAX (first, second);
}

int
weftline_layout_least (const WeftlineLayout *layout, gboolean beside, int width,
                       WeftlineLayoutShown shown, WeftlineLayoutLeast least, void *data)
{
  if (layout->pane != NULL)
    return shown (layout->pane, data) ? least (layout->pane, beside, width, data) : 0;
  if (!weftline_layout_any (layout->first, shown, data))
    return weftline_layout_least (layout->second, beside, width, shown, least, data);
  if (!weftline_layout_any (layout->second, shown, data))
    return weftline_layout_least (layout->first, beside, width, shown, least, data);
  return least_of_split (layout, beside, width, shown, least, data);
}

/* What the first part gets: its share, but enough for either if there is as much. */
static int
first_size (const WeftlineLayout *split, const WeftlineRect *whole, WeftlineLayoutShown shown,
            WeftlineLayoutLeast least, void *data)
{
  int size = split->beside ? whole->width : whole->height;
  int room = MAX (size - WEFTLINE_LAYOUT_GAP, 0);
  int wanted = share_of (split, size);
  int first, second;

  if (least == NULL)
    return wanted;
  first = weftline_layout_least (split->first, split->beside, whole->width, shown, least, data);
  second = weftline_layout_least (split->second, split->beside, whole->width, shown, least, data);
  return first + second > room ? wanted : CLAMP (wanted, first, room - second);
}

static void
split_rect (const WeftlineLayout *split, const WeftlineRect *whole, gboolean mirrored, int before,
            WeftlineRect *first, WeftlineRect *gap, WeftlineRect *second)
{
  int size = split->beside ? whole->width : whole->height;
  int room = MAX (size - WEFTLINE_LAYOUT_GAP, 0);
  int space = MIN (WEFTLINE_LAYOUT_GAP, size);

  *first = *gap = *second = *whole;
  if (split->beside && mirrored)
    {
      second->width = room - before;
      gap->x = whole->x + second->width;
      first->x = gap->x + space;
    }
  else if (split->beside)
    {
      gap->x = whole->x + before;
      second->x = gap->x + space;
      second->width = room - before;
    }
  else
    {
      gap->y = whole->y + before;
      second->y = gap->y + space;
      second->height = room - before;
    }
  *(split->beside ? &first->width : &first->height) = before;
  *(split->beside ? &gap->width : &gap->height) = space;
}

void
weftline_layout_place (WeftlineLayout *layout, const WeftlineRect *rect, gboolean mirrored,
                       WeftlineLayoutShown shown, WeftlineLayoutLeast least,
                       WeftlineLayoutPane pane, WeftlineLayoutGap gap, void *data)
{
  gboolean has_first, has_second;
  WeftlineRect first = *rect, between, second = *rect;

  if (layout->pane != NULL)
    {
      if (shown (layout->pane, data))
        pane (layout->pane, rect, data);
      return;
    }
  has_first = weftline_layout_any (layout->first, shown, data);
  has_second = weftline_layout_any (layout->second, shown, data);
  if (has_first && has_second)
    {
      split_rect (layout, rect, mirrored, first_size (layout, rect, shown, least, data), &first,
                  &between, &second);
      gap (layout, &between, rect, data);
    }
  if (has_first)
    weftline_layout_place (layout->first, &first, mirrored, shown, least, pane, gap, data);
  if (has_second)
    weftline_layout_place (layout->second, &second, mirrored, shown, least, pane, gap, data);
}

/* ---- below each other ------------------------------------------------------------------------ */

#define STACK_PX 10000 /* of a window in which nobody is in want of room */

typedef struct
{
  const char *pane;
  WeftlineRect rect;
} Placed;

typedef struct
{
  WeftlineLayoutShown shown;
  void *data;
  GArray *placed;
} Stack;

static gboolean
stack_shown (const char *pane, void *data)
{
  const Stack *stack = data;

  return stack->shown (pane, stack->data);
}

static void
stack_pane (const char *pane, const WeftlineRect *rect, void *data)
{
  Placed placed = { pane, *rect };

  g_array_append_val (((Stack *) data)->placed, placed);
}

static void
stack_gap (WeftlineLayout *split G_GNUC_UNUSED, const WeftlineRect *rect G_GNUC_UNUSED,
           const WeftlineRect *whole G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
}

static int
compare_placed (const void *a, const void *b)
{
  const WeftlineRect *x = &((const Placed *) a)->rect, *y = &((const Placed *) b)->rect;

  if (x->y != y->y)
    return x->y < y->y ? -1 : 1;
  return x->width != y->width ? y->width - x->width : x->x - y->x;
}

char **
weftline_layout_stack (WeftlineLayout *layout, WeftlineLayoutShown shown, void *data)
{
  g_autoptr (GArray) placed = g_array_new (FALSE, FALSE, sizeof (Placed));
  Stack stack = { shown, data, placed };
  GPtrArray *panes = g_ptr_array_new ();

  weftline_layout_place (layout, &(WeftlineRect){ 0, 0, STACK_PX, STACK_PX }, FALSE, stack_shown,
                         NULL, stack_pane, stack_gap, &stack);
  g_array_sort (placed, compare_placed);
  for (guint i = 0; i < placed->len; i++)
    g_ptr_array_add (panes, g_strdup (g_array_index (placed, Placed, i).pane));
  g_ptr_array_add (panes, NULL);
  return (char **) g_ptr_array_free (panes, FALSE);
}

void
weftline_layout_foreach (const WeftlineLayout *layout, void (*each) (const char *, void *),
                         void *data)
{
  if (layout->pane != NULL)
    {
      each (layout->pane, data);
      return;
    }
  weftline_layout_foreach (layout->first, each, data);
  weftline_layout_foreach (layout->second, each, data);
}
