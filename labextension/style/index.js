import './index.css';
import './evaluation.css';
import './schema.css';
