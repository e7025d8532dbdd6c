/* where-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "where/where-picture.h"

#include "where/where-paint.h"
#include "where/where-words.h"

typedef struct
{
  WeftTimeAccount *account; /* (nullable) */
  WeftTimeRow total;
  GArray *rows; /* WeftTimeRow */
  WeftlineWhereLayout layout;
} Picture;

static void
begin (Picture *picture, WeftModel *model, const WeftModelSnapshot *snapshot,
       WeftlineWherePart part)
{
  *picture = (Picture){ .total = { .name = "" },
                        .rows = g_array_new (FALSE, FALSE, sizeof (WeftTimeRow)) };
  weftline_where_layout_init (&picture->layout);
  if (model == NULL)
    return;
  picture->account = part.is_part ? weft_time_account_new_between (model, part.from_ns, part.to_ns)
                                  : weft_time_account_new (model);
  weft_time_account_update (picture->account, snapshot, UINT64_MAX);
  weft_time_account_total (picture->account, &picture->total);
  g_array_set_size (picture->rows, weft_time_account_n_rows (picture->account));
  for (guint i = 0; i < picture->rows->len; i++)
    weft_time_account_row (picture->account, i, &g_array_index (picture->rows, WeftTimeRow, i));
}

static const WeftTimeRow *
rows_of (const Picture *picture)
{
  return (const WeftTimeRow *) (void *) picture->rows->data;
}

static void
end (Picture *picture)
{
  weftline_where_layout_clear (&picture->layout);
  weft_time_account_free (picture->account);
  g_array_unref (picture->rows);
}

int
weftline_where_picture_height (WeftModel *model, const WeftModelSnapshot *snapshot,
                               WeftlineWherePart part, int width)
{
  Picture picture;
  int height;

  begin (&picture, model, snapshot, part);
  weftline_where_layout (&picture.layout, &picture.total, rows_of (&picture), picture.rows->len,
                         width, 0, 0, 0, 0);
  height = picture.layout.content_height;
  end (&picture);
  return height;
}

/* (nullable): name of the group that was awaited most */
static const char *
awaited_name (const Picture *picture, const WeftModel *model)
{
  WeftTimeAwaited awaited;
  WeftModelGroup group = { .name = NULL };

  if (weft_time_account_awaited (picture->account, WEFT_NONE, &awaited, 1) > 0
      && awaited.group < WEFT_NO_GROUP)
    weft_model_group (model, awaited.group, &group);
  return group.name;
}

void
weftline_where_picture (WeftModel *model, const WeftModelSnapshot *snapshot, WeftlineWherePart part,
                        const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                        cairo_t *cr, int width, int height)
{
  g_autofree char *caption = NULL;
  int before, behind;
  Picture picture;

  begin (&picture, model, snapshot, part);
  weftline_where_measure (text, rows_of (&picture), picture.rows->len, width, &before, &behind);
  weftline_where_layout (&picture.layout, &picture.total, rows_of (&picture), picture.rows->len,
                         width, height, before, behind, 0);
  if (picture.account != NULL)
    caption = weftline_where_caption (picture.account, &picture.layout);
  weftline_where_paint (
      &(WeftlineWherePaint){ .layout = &picture.layout,
                             .total = &picture.total,
                             .rows = rows_of (&picture),
                             .caption = caption,
                             .awaited = model != NULL ? awaited_name (&picture, model) : NULL,
                             .palette = palette,
                             .text = text,
                             .hover = { .row = WEFT_NONE },
                             .model = model,
                             .at_ns = INT64_MAX,
                             .rtl = rtl },
      cr);
  end (&picture);
}
