/* crash-plugin.c: a plug-in whose operations do what operations must not
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include <weft.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

WEFT_PLUGIN_ABI;

static WeftStatus
crash (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
       WeftValue *results G_GNUC_UNUSED)
{
  raise ((int) args[0].u.i);
  return WEFT_OK;
}

/* Writes that many lines on standard error. */
static WeftStatus
say (WeftTask *task G_GNUC_UNUSED, const WeftValue *args, uint32_t n_args G_GNUC_UNUSED,
     WeftValue *results)
{
  for (int64_t i = 1; i <= args[0].u.i; i++)
    fprintf (stderr, "line %" PRId64 " of the loom\n", i);
  weft_value_set_int64 (results, args[0].u.i);
  return WEFT_OK;
}

/* Neither returns nor looks whether it is cancelled. */
static WeftStatus
hang (WeftTask *task G_GNUC_UNUSED, const WeftValue *args G_GNUC_UNUSED,
      uint32_t n_args G_GNUC_UNUSED, WeftValue *results G_GNUC_UNUSED)
{
  while (pause () != 0)
    ;
  return WEFT_OK;
}

static const WeftOpParam number[] = {
  { .name = "n", .accepts = WEFT_ACCEPT (WEFT_TYPE_INT64), .required = true, .doc = "a number" },
};

static const WeftOp ops[] = {
  { .name = "bad.crash",
    .version = 1,
    .doc = "sends itself that signal",
    .params = number,
    .n_params = G_N_ELEMENTS (number),
    .n_outputs = 1,
    .kernel = crash },
  { .name = "bad.hang", .version = 1, .doc = "never returns", .n_outputs = 1, .kernel = hang },
  { .name = "bad.say",
    .version = 1,
    .doc = "writes so many lines",
    .params = number,
    .n_params = G_N_ELEMENTS (number),
    .n_outputs = 1,
    .kernel = say },
};

__attribute__ ((visibility ("default"))) bool weft_plugin_register (WeftOpRegistry *registry,
                                                                    uint32_t abi_version,
                                                                    GError **error);

bool
weft_plugin_register (WeftOpRegistry *registry, uint32_t abi_version G_GNUC_UNUSED, GError **error)
{
  return weft_op_registry_add (registry, ops, G_N_ELEMENTS (ops), error);
}
