/* event-list.h: a run's events as a list model
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "events/event-index.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_EVENT_ITEM (weftline_event_item_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineEventItem, weftline_event_item, WEFTLINE, EVENT_ITEM, GObject)

/* As long as the item. */
const WeftlineEvent *weftline_event_item_event (WeftlineEventItem *self);
/* (transfer none) */
WeftModel *weftline_event_item_model (WeftlineEventItem *self);

#define WEFTLINE_TYPE_EVENT_LIST (weftline_event_list_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineEventList, weftline_event_list, WEFTLINE, EVENT_LIST, GObject)

/* Of WeftlineEventItem, which are made as they are asked for. Empty. (transfer full) */
WeftlineEventList *weftline_event_list_new (void);
/* @model: (nullable). Looks at what has come. Returns: whether there is more to be looked at */
gboolean weftline_event_list_update (WeftlineEventList *self, WeftModel *model, uint32_t n_lanes);
void weftline_event_list_set_filter (WeftlineEventList *self, const WeftlineEventFilter *filter);
/* (transfer none) */
const WeftlineEventFilter *weftline_event_list_filter (WeftlineEventList *self);
/* Later events are left out, as if they had not been yet. INT64_MAX: none are later */
void weftline_event_list_set_until (WeftlineEventList *self, int64_t until_ns);
/* Of those: of all kinds; of one. */
uint32_t weftline_event_list_n_all (WeftlineEventList *self);
uint32_t weftline_event_list_n_of (WeftlineEventList *self, WeftlineEventKind kind);

G_END_DECLS
