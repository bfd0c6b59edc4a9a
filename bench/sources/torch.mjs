export const torchFile = () => { throw new Error("later"); };
