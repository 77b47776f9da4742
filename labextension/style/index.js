import './index.css';
import './compare.css';
import './evaluation.css';
import './run.css';
import './schema.css';
