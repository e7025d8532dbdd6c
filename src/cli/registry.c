/* registry.c: the operations a command knows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

WeftOpRegistry *
_weft_cli_registry (char **plugins, GError **error)
{
  WeftOpRegistry *registry = weft_op_registry_new ();

  for (; plugins != NULL && *plugins != NULL; plugins++)
    if (!weft_op_registry_load (registry, *plugins, error))
      {
        weft_op_registry_unref (registry);
        return NULL;
      }
  return registry;
}

static bool
has_flag (const char *name, void *registry, uint32_t flag)
{
  const WeftOp *op = weft_op_registry_find (registry, name, 0);

  return op != NULL && (op->flags & flag) != 0;
}

static bool
is_cheap (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_CHEAP);
}

static bool
is_pure (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_PURE);
}

void
_weft_cli_pass_ops (WeftOpRegistry *registry, WeftPassOps *ops)
{
  *ops = (WeftPassOps){ .is_cheap = is_cheap, .is_pure = is_pure, .data = registry };
}
