// Some deployments start this name instead.
import "./index";
