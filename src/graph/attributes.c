/* attributes.c: the rarer things that can be said of a task, shared by all tasks that say the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * While a graph is built each different set of attributes is a blob of bytes: the fixed part, the
 * resources, the metadata's text. Interning the blobs finds equal sets; freeze turns the blobs into
 * structs.
 */
#include "config.h"

#include "graph/weft-builder-private.h"

#include "graph/weft-json-private.h"

#include <string.h>

typedef struct
{
  int64_t retry_delay_ns;
  int64_t timeout_ns;
  int32_t priority;
  uint32_t retries;
  uint32_t label;
  uint32_t n_resources;
} Fixed;

static bool
is_default (const WeftTaskAttributes *a)
{
  return a->priority == 0 && a->retries == 0 && a->retry_delay_ns == 0 && a->timeout_ns == 0
         && a->label == WEFT_NONE && a->n_resources == 0 && a->metadata == NULL;
}

static void
check_attributes (WeftGraphBuilder *builder, const WeftTaskAttributes *a)
{
  if (a->metadata != NULL && !_weft_json_is_object (a->metadata))
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "the metadata of a task is not a JSON object");
  if (a->retry_delay_ns < 0 || a->timeout_ns < 0)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                 "found a negative retry delay or timeout");
  for (uint32_t i = 0; i < a->n_resources; i++)
    if (!(a->resources[i].amount >= 0) || a->resources[i].name >= builder->strings.n)
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "found a resource with a negative amount or without a name");
}

static void
append_blob (const WeftTaskAttributes *a, GByteArray *blob)
{
  Fixed fixed;

  memset (&fixed, 0, sizeof fixed);
  fixed.priority = a->priority;
  fixed.retries = a->retries;
  fixed.retry_delay_ns = a->retry_delay_ns;
  fixed.timeout_ns = a->timeout_ns;
  fixed.label = a->label;
  fixed.n_resources = a->n_resources;
  g_byte_array_append (blob, (const guint8 *) &fixed, sizeof fixed);
  for (uint32_t i = 0; i < a->n_resources; i++)
    {
      WeftResourceNeed need = { .name = a->resources[i].name, .amount = a->resources[i].amount };

      g_byte_array_append (blob, (const guint8 *) &need, sizeof need);
    }
  if (a->metadata != NULL)
    g_byte_array_append (blob, (const guint8 *) a->metadata, (guint) strlen (a->metadata));
}

void
weft_graph_builder_set_attributes (WeftGraphBuilder *builder, uint32_t task,
                                   const WeftTaskAttributes *attributes)
{
  g_autoptr (GByteArray) blob = NULL;

  if (task >= builder->n_tasks)
    {
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_MISSING,
                                   "found attributes of task %u, but there are only %u tasks", task,
                                   builder->n_tasks);
      return;
    }
  if (is_default (attributes) && builder->attributes == NULL)
    return;
  if (builder->attributes == NULL)
    {
      builder->attributes = g_new (uint32_t, builder->tasks_room);
      memset (builder->attributes, 0xff, builder->n_tasks * sizeof *builder->attributes);
    }
  builder->attributes[task] = WEFT_NONE;
  if (is_default (attributes))
    return;
  check_attributes (builder, attributes);
  blob = g_byte_array_new ();
  append_blob (attributes, blob);
  builder->attributes[task] = _weft_intern_add (&builder->blobs, blob->data, blob->len);
}

/* ---- at freeze ------------------------------------------------------------------------------- */

static Fixed
read_fixed (const char *blob)
{
  Fixed fixed;

  memcpy (&fixed, blob, sizeof fixed);
  return fixed;
}

/* Room for the resources of all, and for their metadata with a 0 each. */
static void
allocate (const WeftIntern *blobs, WeftGraphContent *content)
{
  for (uint32_t i = 0; i < blobs->n; i++)
    {
      size_t n;
      Fixed fixed = read_fixed (_weft_intern_get (blobs, i, &n));

      content->n_resources += fixed.n_resources;
      n -= sizeof fixed + fixed.n_resources * sizeof (WeftResourceNeed);
      content->n_attribute_text += n > 0 ? n + 1 : 0;
    }
  content->n_attributes = blobs->n;
  content->attributes = g_new0 (WeftTaskAttributes, blobs->n);
  content->resources = g_new (WeftResourceNeed, content->n_resources);
  content->attribute_text = g_malloc (content->n_attribute_text);
}

static void
read_blob (const char *blob, size_t n, WeftTaskAttributes *a, WeftResourceNeed **resources,
           char **text)
{
  Fixed fixed = read_fixed (blob);
  size_t n_resource_bytes = fixed.n_resources * sizeof (WeftResourceNeed);
  size_t n_text = n - sizeof fixed - n_resource_bytes;

  a->priority = fixed.priority;
  a->retries = fixed.retries;
  a->retry_delay_ns = fixed.retry_delay_ns;
  a->timeout_ns = fixed.timeout_ns;
  a->label = fixed.label;
  a->n_resources = fixed.n_resources;
  if (fixed.n_resources > 0)
    {
      a->resources = memcpy (*resources, blob + sizeof fixed, n_resource_bytes);
      *resources += fixed.n_resources;
    }
  if (n_text > 0)
    {
      a->metadata = memcpy (*text, blob + n - n_text, n_text);
      a->metadata[n_text] = 0;
      *text += n_text + 1;
    }
}

void
_weft_graph_builder_take_attributes (WeftGraphBuilder *builder, WeftGraphContent *content)
{
  WeftResourceNeed *resources;
  char *text;

  if (builder->blobs.n == 0)
    return;
  allocate (&builder->blobs, content);
  resources = content->resources;
  text = content->attribute_text;
  for (uint32_t i = 0; i < builder->blobs.n; i++)
    {
      size_t n;
      const char *blob = _weft_intern_get (&builder->blobs, i, &n);

      read_blob (blob, n, &content->attributes[i], &resources, &text);
    }
}
