/* event-list.c: a run's events as a list model
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "events/event-list.h"

/* Looked at in one go, also if each is an event that comes before all others: some milliseconds. */
#define MAX_A_TURN 100000

/* ---- items ----------------------------------------------------------------------------------- */

struct _WeftlineEventItem
{
  GObject parent_instance;

  WeftModel *model;
  WeftlineEvent event;
};

G_DEFINE_FINAL_TYPE (WeftlineEventItem, weftline_event_item, G_TYPE_OBJECT)

static void
weftline_event_item_finalize (GObject *object)
{
  weft_model_unref (WEFTLINE_EVENT_ITEM (object)->model);
  G_OBJECT_CLASS (weftline_event_item_parent_class)->finalize (object);
}

static void
weftline_event_item_class_init (WeftlineEventItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_event_item_finalize;
}

static void
weftline_event_item_init (WeftlineEventItem *self G_GNUC_UNUSED)
{
}

const WeftlineEvent *
weftline_event_item_event (WeftlineEventItem *self)
{
  return &self->event;
}

WeftModel *
weftline_event_item_model (WeftlineEventItem *self)
{
  return self->model;
}

/* ---- the list -------------------------------------------------------------------------------- */

struct _WeftlineEventList
{
  GObject parent_instance;

  WeftModel *model;          /* (nullable) */
  WeftlineEventIndex *index; /* (nullable): as the model */
  WeftlineEventFilter filter;
  int64_t until_ns;
  guint n_told; /* items */
};

static void list_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineEventList, weftline_event_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_iface_init))

static GType
get_item_type (GListModel *list G_GNUC_UNUSED)
{
  return WEFTLINE_TYPE_EVENT_ITEM;
}

static guint
get_n_items (GListModel *list)
{
  return WEFTLINE_EVENT_LIST (list)->n_told;
}

static void *
get_item (GListModel *list, guint position)
{
  WeftlineEventList *self = WEFTLINE_EVENT_LIST (list);
  WeftlineEventItem *item;

  if (position >= self->n_told)
    return NULL;
  item = g_object_new (WEFTLINE_TYPE_EVENT_ITEM, NULL);
  item->model = weft_model_ref (self->model);
  item->event = *weftline_event_index_get (self->index, position);
  return item;
}

static void
list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* What is new or elsewhere. First what goes, then what comes: told in one, GTK 4.8 makes an item
 * for all that come, to look for those that went. */
static void
tell (WeftlineEventList *self)
{
  guint from = weftline_event_index_take_changed (self->index);
  guint before = self->n_told;
  guint now = weftline_event_index_n_shown_until (self->index, self->until_ns);

  from = MIN (from, MIN (before, now));
  self->n_told = from;
  if (before > from)
    g_list_model_items_changed (G_LIST_MODEL (self), from, before - from, 0);
  self->n_told = now;
  if (now > from)
    g_list_model_items_changed (G_LIST_MODEL (self), from, 0, now - from);
}

static void
set_model (WeftlineEventList *self, WeftModel *model)
{
  guint before = self->n_told;

  self->n_told = 0;
  g_clear_pointer (&self->index, weftline_event_index_free);
  g_clear_pointer (&self->model, weft_model_unref);
  self->filter.worker = 0; /* another run has others */
  if (model != NULL)
    {
      self->model = weft_model_ref (model);
      self->index = weftline_event_index_new (model);
      weftline_event_index_set_filter (self->index, &self->filter);
    }
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);
}

gboolean
weftline_event_list_update (WeftlineEventList *self, WeftModel *model, uint32_t n_lanes)
{
  gboolean more;

  if (self->model != model)
    set_model (self, model);
  if (model == NULL)
    return FALSE;
  more = weftline_event_index_update (self->index, n_lanes, MAX_A_TURN);
  tell (self);
  return more;
}

void
weftline_event_list_set_filter (WeftlineEventList *self, const WeftlineEventFilter *filter)
{
  self->filter = *filter;
  if (self->index == NULL)
    return;
  weftline_event_index_set_filter (self->index, filter);
  tell (self);
}

void
weftline_event_list_set_until (WeftlineEventList *self, int64_t until_ns)
{
  if (self->until_ns == until_ns)
    return;
  self->until_ns = until_ns;
  if (self->index != NULL)
    tell (self);
}

const WeftlineEventFilter *
weftline_event_list_filter (WeftlineEventList *self)
{
  return &self->filter;
}

uint32_t
weftline_event_list_n_all (WeftlineEventList *self)
{
  return self->index != NULL ? weftline_event_index_n_until (self->index, self->until_ns) : 0;
}

uint32_t
weftline_event_list_n_of (WeftlineEventList *self, WeftlineEventKind kind)
{
  return self->index != NULL ? weftline_event_index_n_of_until (self->index, kind, self->until_ns)
                             : 0;
}

static void
weftline_event_list_finalize (GObject *object)
{
  WeftlineEventList *self = WEFTLINE_EVENT_LIST (object);

  weftline_event_index_free (self->index);
  weft_model_unref (self->model);
  G_OBJECT_CLASS (weftline_event_list_parent_class)->finalize (object);
}

static void
weftline_event_list_class_init (WeftlineEventListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_event_list_finalize;
}

static void
weftline_event_list_init (WeftlineEventList *self)
{
  self->filter.kinds = (1u << WEFTLINE_EVENT_N_KINDS) - 1;
  self->until_ns = INT64_MAX;
}

WeftlineEventList *
weftline_event_list_new (void)
{
  return g_object_new (WEFTLINE_TYPE_EVENT_LIST, NULL);
}
