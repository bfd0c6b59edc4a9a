/** Names that PyTorch and the modules written for it have taken. */
import type { Reserved } from "../../codegen/python/parameters.js";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const RESERVED: Reserved = {
  names: words("torch nn Tensor F ctx inputs output tangent total factor"),
  // Of nn.Module, and of the context of autograd.Function.
  attributes: words(`
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
    extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
    named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
    state_dict to to_empty train training type xpu zero_grad
    backward boxed_grads_call clear_saved_tensors_on_access dirty_tensors generate_vmap_rule jvp mark_dirty
    mark_non_differentiable mark_shared_storage materialize_grads maybe_clear_saved_tensors metadata name
    needs_input_grad next_functions non_differentiable register_hook register_prehook requires_grad save_for_backward
    save_for_forward saved_for_forward saved_tensors saved_variables set_materialize_grads setup_context to_save vjp vmap`),
};

/** Arguments and fields of layers around an activation, which has arguments of its own beside them. */
export const LAYER_NAMES: ReadonlySet<string> = new Set(
  words(
    "inputs outputs bias channels filters kernel stride padding dilation groups columns epsilon dimensions dim gate layer activation " +
      "in_features out_features in_channels out_channels kernel_size padding_mode normalized_shape eps elementwise_affine " +
      "device dtype args kwargs",
  ),
);
