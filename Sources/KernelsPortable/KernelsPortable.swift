// The variant for CPUs without AVX2, and for other processors than x86-64: `CompiledKernels`, joined from Sources/KernelSources.
