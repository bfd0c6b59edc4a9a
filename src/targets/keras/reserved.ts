/** Names that Keras and the modules written for it have taken. */
import type { Reserved } from "../../codegen/python/parameters.js";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const RESERVED: Reserved = {
  names: words("keras ops tf args upstream function wide inputs kwargs input_shape shape repeated extra"),
  // Of keras.layers.Layer in Keras 2 and 3.
  attributes: words(`
    activity_regularizer add_loss add_metric add_update add_variable add_weight apply autocast build build_from_config
    built call call_signature_parameters compute_dtype compute_mask compute_output_shape compute_output_signature
    compute_output_spec count_params dtype dtype_policy dynamic finalize_state from_config get_build_config get_config
    get_input_at get_input_mask_at get_input_shape_at get_losses_for get_output_at get_output_mask_at
    get_output_shape_at get_updates_for get_weights inbound_nodes input input_dtype input_mask input_shape input_spec
    load_own_variables losses metrics metrics_variables name name_scope non_trainable_variables non_trainable_weights
    outbound_nodes output output_mask output_shape path quantization_mode quantize quantized_build quantized_call
    rematerialized_call save_own_variables set_weights stateful stateless_call submodules supports_jit supports_masking
    symbolic_call trainable trainable_variables trainable_weights updates variable_dtype variables weights
    with_name_scope`),
};

/** Arguments and fields of layers around an activation, which has arguments of its own beside them. */
export const LAYER_NAMES: ReadonlySet<string> = new Set(
  words("units use_bias filters kernel_size epsilon axis gate value activation scale strides padding groups momentum"),
);
